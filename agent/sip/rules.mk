# SPDX-License-Identifier: GPL-2.0
# The SIP message library of e2aed: libc, and the texts of libmedia.a.
sip := $(patsubst $(here)/%.c,$(O)/%.o,$(wildcard $(here)/sip/*.c))

all: $(O)/sip/libsip.a
$(O)/sip/libsip.a: $(sip)
	$(Q)rm -f $@
	$(call tell,AR      sip/$(@F))
	$(Q)$(AR) rcs $@ $(sip)

-include $(sip:.o=.d)
