# SPDX-License-Identifier: GPL-2.0
# e2aed: the files of agent/ itself, and all its libraries. Included by agent/Makefile.
daemon := $(patsubst $(here)/%.c,$(O)/%.o,$(wildcard $(here)/*.c))
daemon_parts := $(foreach part,edge oa msf msrp tx net sip media keying,$(O)/$(part)/lib$(part).a)
daemon_packages := libevent libevent_openssl libssl libcrypto libcares libconfuse expat libcap-ng libosip2
daemon_libs := $(shell $(PKG_CONFIG) --libs $(daemon_packages))

outputs += $(O)/e2aed
all: $(O)/e2aed

# Parts call each other through the interfaces of their headers, so the linker looks through them as one group.
$(O)/e2aed: $(daemon) $(daemon_parts) $(O)/libe2ae.a
	$(call tell,LD      $(@F))
	$(Q)$(CC) $(bind) $(CFLAGS) $(LDFLAGS) -o $@ $(daemon) -Wl,--start-group $(daemon_parts) -Wl,--end-group \
		$(O)/libe2ae.a $(daemon_libs) $(netlink_libs)

.PHONY: install-daemon
install: install-daemon
install-daemon: $(O)/e2aed
	install -d $(dest)/sbin $(dest)/share/man/man5 $(dest)/share/man/man8 $(dest)/share/doc/e2ae
	install -m 755 $(O)/e2aed $(dest)/sbin/
	install -m 644 $(top)/docs/man/e2aed.8 $(dest)/share/man/man8/
	install -m 644 $(top)/docs/man/e2aed.conf.5 $(dest)/share/man/man5/
	install -m 644 $(top)/packaging/e2aed.conf $(dest)/share/doc/e2ae/

-include $(daemon:.o=.d)
