# SPDX-License-Identifier: GPL-2.0
# The P-CSCF: libedge.a. Needs libevent, libcrypto, expat, and the other libraries of the agent.
edge := $(patsubst $(here)/%.c,$(O)/%.o,$(wildcard $(here)/edge/*.c))
$(edge): flags += $(shell $(PKG_CONFIG) --cflags libevent libcrypto expat)

all: $(O)/edge/libedge.a
$(O)/edge/libedge.a: $(edge)
	$(Q)rm -f $@
	$(call tell,AR      edge/$(@F))
	$(Q)$(AR) rcs $@ $(edge)

-include $(edge:.o=.d)
