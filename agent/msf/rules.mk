# SPDX-License-Identifier: GPL-2.0
# The MSF interface and the ports of media: libmsf.a. Included by agent/Makefile; needs libe2ae.a and libevent.
msf := $(patsubst $(here)/%.c,$(O)/%.o,$(wildcard $(here)/msf/*.c))
event_cflags := $(shell $(PKG_CONFIG) --cflags libevent_core)
flags += $(event_cflags)

all: $(O)/msf/libmsf.a

$(O)/msf/libmsf.a: $(msf)
	$(Q)rm -f $@
	$(call tell,AR      msf/$(@F))
	$(Q)$(AR) rcs $@ $(msf)

-include $(msf:.o=.d)
