# SPDX-License-Identifier: GPL-2.0
# The transaction layer: libtx.a. Included by agent/Makefile; needs libsip.a, libmedia.a, whoever is net/net.h, and $(tx_libs).
tx := $(patsubst $(here)/%.c,$(O)/%.o,$(wildcard $(here)/tx/*.c))
tx_libs := $(shell $(PKG_CONFIG) --libs libosip2 libevent_core)

$(tx): flags += $(shell $(PKG_CONFIG) --cflags libosip2 libevent_core)

all: $(O)/tx/libtx.a
$(O)/tx/libtx.a: $(tx)
	$(Q)rm -f $@
	$(call tell,AR      tx/$(@F))
	$(Q)$(AR) rcs $@ $(tx)

-include $(tx:.o=.d)
