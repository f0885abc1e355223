# SPDX-License-Identifier: Apache-2.0
#
# `make help` lists the targets. Everything that is made goes below $(O).

VERSION	:= 0.1.0
PREFIX	?= /usr/local
DESTDIR	?=

# SAN=address,undefined builds with sanitizers, beside the ordinary build.
SAN	?=
O	?= build$(if $(SAN),/san)

# ?= would leave make's own default, cc.
ifeq ($(origin CC),default)
CC		:= gcc
endif
CLANG		?= clang
BPFTOOL		?= bpftool
PKG_CONFIG	?= pkg-config
CLANG_FORMAT	?= clang-format-14

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-8s%s\n' $(1) $(2))

# x86_64-linux-gnu for gcc, x86_64-pc-linux-gnu for clang: Debian's directories have the first.
# Until deps have run there may be no compiler to ask.
MACHINE := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine 2>/dev/null)))
MULTIARCH := $(MACHINE)-linux-gnu
BPF_ARCH := $(if $(filter x86_64,$(MACHINE)),x86,$(if $(filter aarch64,$(MACHINE)),arm64))

LIBS := libbpf libcrypto jansson libseccomp yaml-0.1 zlib libzstd
CPPFLAGS += -D_GNU_SOURCE -DBAREWATCH_VERSION='"$(VERSION)"' -Iinclude -Iagent -I$(O)
CFLAGS ?= -O2 -g
ALL_CFLAGS = -std=gnu17 -Wall -Wextra $(if $(WERROR),-Werror) $(CFLAGS) \
	$(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
ALL_LDFLAGS = $(LDFLAGS) $(if $(SAN),-fsanitize=$(SAN))
LDLIBS = $(shell $(PKG_CONFIG) --libs $(LIBS))
BPF_CFLAGS = -std=gnu17 -O2 -g -target bpf -mcpu=v2 -D__TARGET_ARCH_$(BPF_ARCH) -Iinclude \
	-I/usr/include/$(MULTIARCH) -Wall -Wextra -Wno-unused-parameter $(if $(WERROR),-Werror)

# Everything but main.c is in one archive, which the tests link too.
SOURCES := $(wildcard agent/*.c agent/*/*.c agent/*/*/*.c)
LIB_OBJECTS := $(patsubst %.c,$(O)/%.o,$(filter-out agent/main.c,$(SOURCES)))
# maps.bpf.c defines what the others refer to: the linker wants it first.
BPF_SOURCES := bpf/maps.bpf.c $(filter-out bpf/maps.bpf.c,$(wildcard bpf/*.bpf.c))
BPF_OBJECTS := $(patsubst %.bpf.c,$(O)/%.bpf.o,$(BPF_SOURCES))

UNIT_TESTS := $(patsubst %.c,$(O)/%,$(wildcard tests/unit/*/test_*.c))
SIGNATURE_TOOLS := $(patsubst %.c,$(O)/%,$(wildcard tests/signatures/*.c))
IMAGE_TOOLS := $(patsubst %.c,$(O)/%,$(wildcard tests/images/*.c))
BPF_TESTS := $(patsubst %.c,$(O)/%,$(wildcard tests/bpf/test_*.c))
PROGRAMS := $(patsubst %.c,$(O)/%,$(wildcard tests/e2e/programs/*.c))
BLINDSPOTS := $(patsubst %.c,$(O)/%,$(wildcard tests/e2e/blindspots/*.c))
BENCH_LOADS := $(filter-out bench/rule_engine.c,$(wildcard bench/*.c))
DYNAMIC := $(addprefix $(O)/tests/e2e/blindspots/dynamic/,load_library libseven.so)
STATIC_PROGRAMS := $(PROGRAMS) $(BLINDSPOTS) $(patsubst %.c,$(O)/%,$(wildcard demo/*.c) $(BENCH_LOADS))
FUZZERS := $(patsubst %.c,$(O)/%,$(wildcard tests/fuzz/fuzz_*.c))
E2E_TESTS := $(wildcard tests/e2e/test_*.sh)
# Those of e2e that look at files alone: they need neither this host's kernel nor its engines.
FILE_TESTS := $(addprefix tests/e2e/,test_hostile_images.sh test_images.sh \
	test_signatures.sh test_verify_cli.sh test_verify_images.sh)

# Of Debian's kernels those that tests/vm/run.sh is to boot.
KERNEL ?= 6.1
export KERNEL

.PHONY: all
all: $(O)/barewatch

## Building

$(O)/barewatch: $(O)/agent/main.o $(O)/libbarewatch.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

# Made anew each time: an archive keeps members whose source is gone.
$(O)/libbarewatch.a: $(LIB_OBJECTS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(O)/%.o: %.c $(O)/flags | $(O)/barewatch.skel.h
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -Wa,-Irules,-I$(O)/rules -MMD -MP -c -o $@ $<

$(O)/agent/builtin.o: $(O)/rules/catalog.turned rules/default.yaml rules/containers.yaml \
	rules/verify.yaml

# Otherwise the program would hold all strings that it looks for: agent/builtin.c turns it back.
$(O)/rules/catalog.turned: rules/catalog.yaml
	$(Q)mkdir -p $(@D)
	$(Q)LC_ALL=C tr '\000-\377' '\200-\377\000-\177' <$< >$@
$(patsubst %.c,$(O)/%.o,$(wildcard agent/probe/*.c)): $(O)/barewatch.skel.h

$(O)/%.bpf.o: %.bpf.c $(O)/flags
	$(call say,BPF,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/barewatch.bpf.o: $(BPF_OBJECTS)
	$(call say,BPFLINK,$@)
	$(Q)$(BPFTOOL) gen object $@ $^

$(O)/barewatch.skel.h: $(O)/barewatch.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name barewatch_bpf >$@.tmp && mv $@.tmp $@

# Changes when the flags do, so that a build never mixes two kinds of objects.
FLAGS := $(CC) $(CPPFLAGS) $(CFLAGS) $(SAN) $(WERROR) $(CLANG) $(BPF_ARCH)
.PHONY: FORCE
$(O)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(FLAGS))' | cmp -s - $@ || \
		printf '%s\n' '$(subst ','\'',$(FLAGS))' >$@

## Setting up

.PHONY: deps
deps:
	$(Q)tools/deps.sh packages.list build demo test

.PHONY: deps-demo
deps-demo:
	$(Q)tools/deps.sh packages.list build demo

.PHONY: demo
demo: deps-demo
	$(Q)$(MAKE) --no-print-directory all $(O)/demo/app $(O)/demo/jail
	$(Q)demo/demo.sh $(O)

## Tests

$(O)/tests/unit/%: tests/unit/%.c $(O)/libbarewatch.a $(O)/flags
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itests -Itests/unit $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -o $@ $< \
		$(O)/libbarewatch.a -lcmocka $(LDLIBS)

$(O)/tests/bpf/%: tests/bpf/%.c $(O)/libbarewatch.a $(O)/flags
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itests -Itests/bpf $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -o $@ $< \
		$(O)/libbarewatch.a -lcmocka $(LDLIBS)

# Refuses what the kernel would do, as other kernels do.
$(O)/tests/bpf/test_open_variant: ALL_LDFLAGS += \
	-Wl,--wrap=bpf_raw_tracepoint_open,--wrap=bpf_link_create,--wrap=ioctl

$(O)/tests/signatures/%: tests/signatures/%.c $(O)/libbarewatch.a $(O)/flags
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -o $@ $< \
		$(O)/libbarewatch.a $(LDLIBS)

$(O)/tests/images/%: tests/images/%.c $(O)/libbarewatch.a $(O)/flags
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itests -Itests/unit $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -o $@ $< \
		$(O)/libbarewatch.a -lcmocka $(LDLIBS)

$(O)/bench/rule_engine: bench/rule_engine.c $(O)/libbarewatch.a $(O)/flags
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itests/unit $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -o $@ $< \
		$(O)/libbarewatch.a $(LDLIBS)

$(O)/bench/verify/%: bench/verify/%.c $(O)/libbarewatch.a $(O)/flags
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -o $@ $< \
		$(O)/libbarewatch.a $(LDLIBS)

# Static: most run inside containers that hold nothing else.
STATIC = $(CC) $(CPPFLAGS) -std=gnu17 -Wall -Wextra $(if $(WERROR),-Werror) -O2 -static -pthread \
	-MMD -MP

$(STATIC_PROGRAMS): $(O)/%: %.c $(O)/flags
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(STATIC) -o $@ $<

# Has no library in it, so that no 32-bit one is needed.
$(if $(filter x86,$(BPF_ARCH)),$(O)/tests/e2e/blindspots/exec32): STATIC += -m32 -nostdlib

# What a library is loaded into cannot be static.
$(O)/tests/e2e/blindspots/dynamic/%: tests/e2e/blindspots/dynamic/%.c $(O)/flags
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(filter-out -static,$(STATIC)) -o $@ $< -ldl

$(O)/tests/e2e/blindspots/dynamic/lib%.so: tests/e2e/blindspots/dynamic/%.c $(O)/flags
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(filter-out -static,$(STATIC)) -fPIC -shared -o $@ $<

.PHONY: programs image-tools unit-tests bpf-tests
programs: $(PROGRAMS) $(BLINDSPOTS) $(DYNAMIC) $(SIGNATURE_TOOLS) $(IMAGE_TOOLS)
image-tools: $(IMAGE_TOOLS)
unit-tests: $(UNIT_TESTS)
bpf-tests: $(BPF_TESTS) $(PROGRAMS) $(SIGNATURE_TOOLS)

.PHONY: test
test: deps
	$(Q)$(MAKE) --no-print-directory all bpf-tests programs bench-programs
	$(Q)$(MAKE) --no-print-directory SAN=address,undefined O=$(O)/san all unit-tests image-tools
	$(Q)O=$(O) tests/run.sh $(BPF_TESTS) $(filter-out $(FILE_TESTS),$(E2E_TESTS)) \
		--beside tests/lint.sh $(patsubst $(O)/%,$(O)/san/%,$(UNIT_TESTS)) \
		$(FILE_TESTS) tests/vm/run.sh

.PHONY: check
check:
	$(Q)$(MAKE) --no-print-directory SAN=address,undefined O=$(O)/san unit-tests
	$(Q)tests/run.sh $(patsubst $(O)/%,$(O)/san/%,$(UNIT_TESTS))

# What has threads of its own. TSan does not know of all places that memory is put at today.
THREAD_TESTS := $(patsubst %,$(O)/tsan/tests/unit/%,base/test_helper image/test_ring \
	image/test_stream image/test_layer_pool image/test_oci image/test_docker \
	image/test_reference)

.PHONY: check-threads
check-threads:
	$(Q)$(MAKE) --no-print-directory SAN=thread O=$(O)/tsan $(THREAD_TESTS)
	$(Q)setarch -R tests/run.sh $(THREAD_TESTS)

.PHONY: check-bpf
check-bpf: all bpf-tests
	$(Q)O=$(O) tests/run.sh $(BPF_TESTS)

.PHONY: check-vm
check-vm: bpf-tests
	$(Q)O=$(O) tests/run.sh tests/vm/run.sh

.PHONY: check-e2e
check-e2e: all programs bench-programs
	$(Q)$(MAKE) --no-print-directory SAN=address,undefined O=$(O)/san all image-tools
	$(Q)O=$(O) tests/run.sh $(filter-out $(FILE_TESTS),$(E2E_TESTS)) --beside $(FILE_TESTS)

# The fields are what the program's tables say, the blind spots what the test has found.
.PHONY: docs docs/fields.md
docs: docs/fields.md programs
	$(Q)O=$(O) UPDATE_DOCS=1 tests/run.sh tests/e2e/test_blindspots.sh

docs/fields.md: all
	$(call say,DOC,$@)
	$(Q)$(O)/barewatch fields -o markdown >$@.tmp && mv $@.tmp $@

.PHONY: lint
lint:
	$(Q)O=$(O) tests/run.sh tests/lint.sh

.PHONY: format
format:
	$(Q)git ls-files -co --exclude-standard '*.c' '*.h' | xargs $(CLANG_FORMAT) -i

FUZZ_SECONDS ?= 30

# libFuzzer comes with clang only. A build of its own, with what it needs in every object.
FUZZ_SAN = address,undefined

$(O)/tests/fuzz/%: tests/fuzz/%.c $(O)/libbarewatch.a $(O)/flags
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -fsanitize=fuzzer,$(FUZZ_SAN) -MMD -MP -o $@ $< \
		$(O)/libbarewatch.a $(LDLIBS)

.PHONY: fuzzers
fuzzers: $(FUZZERS)

.PHONY: fuzz
fuzz:
	$(Q)$(MAKE) --no-print-directory CC=$(CLANG) SAN=fuzzer-no-link,$(FUZZ_SAN) O=$(O)/fuzz \
		fuzzers
	$(Q)O=$(O) FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/run.sh \
		$(patsubst $(O)/%,$(O)/fuzz/%,$(FUZZERS))

.PHONY: bench-programs
bench-programs: $(patsubst %.c,$(O)/%,$(BENCH_LOADS)) $(O)/bench/rule_engine $(SIGNATURE_TOOLS)
	$(Q)ln -sfn true $(O)/bench/sh

.PHONY: bench
bench: all bench-programs
	$(Q)bench/bench.sh $(O)

.PHONY: bench-verify
bench-verify: $(O)/bench/verify/measure $(O)/bench/verify/read_image
	$(Q)bench/verify.sh $(O)

## Installing

BINDIR = $(DESTDIR)$(PREFIX)/bin
SHAREDIR = $(DESTDIR)$(PREFIX)/share/barewatch

.PHONY: install
install: all
	install -D -m 755 $(O)/barewatch $(BINDIR)/barewatch
	install -D -m 644 -t $(SHAREDIR)/rules rules/catalog.yaml rules/default.yaml \
		rules/containers.yaml rules/verify.yaml rules/README.md

.PHONY: uninstall
uninstall:
	rm -f $(BINDIR)/barewatch
	rm -rf $(SHAREDIR)

.PHONY: clean
clean:
	rm -rf $(O)

.PHONY: help
help:
	@echo 'Set-up, as root on Debian 12 or 13:'
	@echo '  make demo        build, then show barewatch at work (under a minute)'
	@echo '  make test        build, then pass all tests'
	@echo '  make deps        install what building and testing need (packages.list)'
	@echo
	@echo 'Building: all (default), install, uninstall (DESTDIR, PREFIX), clean'
	@echo
	@echo 'Testing:'
	@echo '  make check       unit tests, under ASan and UBSan'
	@echo '  make check-threads   those about threads, under TSan'
	@echo '  make check-bpf   the kernel side against real events (root)'
	@echo '  make check-vm    the kernel side on other kernels, in qemu; KERNEL is one or more of'
	@echo '                   5.10, 6.1 (default) and 6.12, TESTS a pattern such as test_exec'
	@echo '  make check-e2e   the agent and real containers (root)'
	@echo '  make docs        docs/blindspots.md, from the test of the blind spots (root), and'
	@echo '                   docs/fields.md, from the tables of fields'
	@echo '  make lint        formatting, warnings, static checks, dependency rule'
	@echo '  make format      apply the formatting'
	@echo '  make fuzz        each fuzzer for FUZZ_SECONDS (30)'
	@echo '  make bench       what watching costs, against the same load without (root): 10 minutes,'
	@echo '                   see docs/bench.md; PEERS=1 measures what Debian has as well,'
	@echo '                   PARTS="opens steady" these alone, QUICK=1 next to nothing'
	@echo '  make bench-verify  what reading images costs, against decompressing and hashing them'
	@echo
	@echo 'Variables: V=1 shows commands, O=DIR builds there, SAN=address,undefined,'
	@echo '  WERROR=1, CC, CLANG, CFLAGS, ROUNDS (of the test with many containers)'

# Debian's packages below images/ have directories of such names.
-include $(filter-out $(O)/images/%,$(wildcard $(O)/*.d $(O)/*/*.d $(O)/*/*/*.d $(O)/*/*/*/*.d \
	$(O)/*/*/*/*/*.d))
