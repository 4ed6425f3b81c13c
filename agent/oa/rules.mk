# SPDX-License-Identifier: GPL-2.0
# Offer and answer of calls: liboa.a. Included by agent/Makefile; needs libmsf.a, libkeying.a, libmedia.a, libnet.a.
oa := $(patsubst $(here)/%.c,$(O)/%.o,$(wildcard $(here)/oa/*.c))

all: $(O)/oa/liboa.a

$(O)/oa/liboa.a: $(oa)
	$(Q)rm -f $@
	$(call tell,AR      oa/$(@F))
	$(Q)$(AR) rcs $@ $(oa)

-include $(oa:.o=.d)
