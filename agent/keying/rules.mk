# SPDX-License-Identifier: GPL-2.0
# The keying library: libkeying.a. Included by agent/Makefile; needs libe2ae.a for the table of suites and libcrypto.
keying := $(patsubst $(here)/%.c,$(O)/%.o,$(wildcard $(here)/keying/*.c))

all: $(O)/keying/libkeying.a

$(O)/keying/libkeying.a: $(keying)
	$(Q)rm -f $@
	$(call tell,AR      $(@F))
	$(Q)$(AR) rcs $@ $(keying)

-include $(keying:.o=.d)
