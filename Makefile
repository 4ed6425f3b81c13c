# SPDX-License-Identifier: GPL-2.0
# `make help` lists the targets. Everything made lands in build/.

VERSION := $(shell sed -n 's/^\#define E2AE_VERSION "\(.*\)"/\1/p' kmod/core.h)
PREFIX ?= /usr/local
DESTDIR ?=

# The kernel to build the module for: the running one, if its headers are here.
KDIR ?= $(wildcard /lib/modules/$(shell uname -r)/build)

# The parts below share build/; each uses the processors by itself.
.NOTPARALLEL:
.DEFAULT_GOAL := all

.PHONY: all module agent demo check check-debug check-kernels soak style install dkms deb clean help

all: module agent	## module for the running kernel or KDIR=, agent and tools

ifeq ($(KDIR),)
module:
	@echo "No headers of the running kernel here: the module is left out (make KDIR=DIR builds it for another one)."
else
module:
	selftests/rig/kmake $(abspath $(KDIR))
endif

agent:
	$(MAKE) -C agent

demo:			## the main job on real media in a guest, with a verdict
	selftests/demo/run

check:			## every test a contributor must pass
	selftests/check

check-debug:		## the same on kernels with KASAN, lockdep and kmemleak
	selftests/check --guest host,uml-debug,6.12-debug

check-kernels:		## build and media tests on every supported kernel
	selftests/check --guest 6.1,6.12,7.x --only 'media*'

soak:			## the long versions of what check runs short
	selftests/check --guest uml --only 'soak*'

ifneq ($(wildcard selftests/bench),)
.PHONY: bench
bench:			## the performance table; also build/bench.json
	selftests/bench/run
endif

style:			## checkpatch, sparse, warnings, formatting, shellcheck, man pages, generated files
	selftests/style

install:		## to DESTDIR and PREFIX; the module too if KDIR is known
	$(MAKE) -C agent install DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)
ifneq ($(KDIR),)
	selftests/rig/kmake $(abspath $(KDIR))
	$(MAKE) -C $(KDIR) M=$(CURDIR)/build/module INSTALL_MOD_PATH=$(DESTDIR) modules_install
endif

dkms:			## the sources to /usr/src for DKMS, built and installed unless DESTDIR is given
	packaging/dkms-source $(VERSION) $(DESTDIR)/usr/src/e2ae-$(VERSION)
	[ -n "$(DESTDIR)" ] || dkms install --force e2ae/$(VERSION)

deb:			## Debian packages in build/deb
	packaging/deb $(VERSION)

clean:			## removes build/
	rm -rf build

help:			## this list
	@sed -n 's/^\([a-z-]*\):.*##/\1	/p' Makefile $(if $(wildcard selftests/bench),,| grep -v ^bench) | expand -t 16
