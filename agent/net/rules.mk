# SPDX-License-Identifier: GPL-2.0
# The sockets of e2aed: libevent, OpenSSL, c-ares, and libsip.a.
net := $(patsubst $(here)/%.c,$(O)/%.o,$(wildcard $(here)/net/*.c))
net_libs := $(shell $(PKG_CONFIG) --libs libevent_core libssl libcrypto libcares)

all: $(O)/net/libnet.a
$(net): flags += $(shell $(PKG_CONFIG) --cflags libevent_core libssl libcrypto libcares)
$(O)/net/libnet.a: $(net)
	$(Q)rm -f $@
	$(call tell,AR      net/$(@F))
	$(Q)$(AR) rcs $@ $(net)

-include $(net:.o=.d)
