# SPDX-License-Identifier: GPL-2.0
# The MSF of MSRP: libevent, OpenSSL, and libnet.a for addresses and buffers.
msrp := $(patsubst $(here)/%.c,$(O)/%.o,$(wildcard $(here)/msrp/*.c))

all: $(O)/msrp/libmsrp.a
$(msrp): flags += $(shell $(PKG_CONFIG) --cflags libevent_core libssl libcrypto)
$(O)/msrp/libmsrp.a: $(msrp)
	$(Q)rm -f $@
	$(call tell,AR      msrp/$(@F))
	$(Q)$(AR) rcs $@ $(msrp)

-include $(msrp:.o=.d)
