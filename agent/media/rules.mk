# SPDX-License-Identifier: GPL-2.0
# The session description library of e2aed: libc and nothing else.
media := $(patsubst $(here)/%.c,$(O)/%.o,$(wildcard $(here)/media/*.c))

all: $(O)/media/libmedia.a
$(O)/media/libmedia.a: $(media)
	$(Q)rm -f $@
	$(if $(Q),@echo "  AR      media/$(@F)")
	$(Q)$(AR) rcs $@ $(media)

-include $(media:.o=.d)
