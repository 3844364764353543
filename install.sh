#!/bin/sh
# Builds loopshim's programs as static binaries, and has the host tool among
# them put the stand-ins where the originals are looked for, keep every original
# and put it back. `./install.sh --help`.
#
# What is done to the machine is in crates/loopshim-host/src/install/; this
# script only finds or builds the program that does it, by a shell and a few
# tools that busybox has.
set -u
LC_ALL=C
export LC_ALL
umask 022

known='ipmitool pip3 rsync loopshim'
here=$(cd "$(dirname "$0")" && pwd -P) || exit 1
self=$0

usage() {
    cat <<'HELP'
Usage: ./install.sh [OPTION]...

Builds loopshim's stand-ins as static binaries and puts them in place of the
originals, so that `sudo ipmitool fru print 0` answers on a machine without a
BMC. Run as root it serves the whole machine:

    ipmitool, pip3   /usr/bin, where sudo's secure_path finds them
    rsync            /usr/libexec/loopshim/rsync, ready for `docker cp`
    loopshim         /usr/bin, the host tool

Run as anyone else it serves you alone: everything goes to ~/.local/bin.
An original is kept beside its stand-in as NAME.real, never overwritten, and
comes back by --uninstall exactly as it was.

What to do:
    (nothing)         build, install, show each stand-in answering
    --status          tell what is in place; one line for each, fields between
                      tabs: NAME STATE VERSION PATH ORIGINAL
    --uninstall       put every original back, remove everything else
    --build           only build, and print the folder with the static binaries
    --dry-run         with any of these: tell, but change nothing of the machine
                      (what is not built yet is built first, in target/)

How to do it:
    --only LIST       only these, e.g. --only ipmitool,rsync
    --host-rsync      also replace this machine's own /usr/bin/rsync
    --binaries DIR    install the binaries in DIR instead of building
    --prefix DIR      everything into DIR/bin, nothing of the system touched
    --root DIR        stage the tree of another machine or an image in DIR
    -h, --help        this text

The work is done by `loopshim shim`: the one in the folder of --binaries, the
one that was built here, or the installed one.

States: installed, not-installed, overwritten (a package update put the original
back), interrupted, undiverted (dpkg's diversion is gone), unrecorded. For the
last four run ./install.sh again: it mends them.

Exit status: 0 done, or for --status everything in place; 1 failed, nothing
half-done; 2 wrong usage; for --status also 3 nothing installed and 4 something
needs ./install.sh again.

Examples:
    sudo ./install.sh                          this machine
    ./install.sh --prefix ~/try && ~/try/bin/ipmitool mc info
    ./install.sh --root /srv/image --binaries ./dist
    sudo ./install.sh --uninstall
HELP
}

# --- Words to the user -------------------------------------------------------

say() { printf '%s\n' "$*"; }
warn() { printf 'install.sh: %s\n' "$*" >&2; }
misused() {
    warn "$* (./install.sh --help)"
    exit 2
}

# fail WORDS: nothing has been changed yet.
fail() {
    warn "$*"
    exit 1
}
# --- Building ----------------------------------------------------------------

# As root by way of sudo the checkout and the toolchain are the caller's.
as_builder() {
    if [ "$(id -u)" = 0 ] && [ "${SUDO_USER:-root}" != root ] && command -v sudo >/dev/null 2>&1; then
        sudo -H -u "$SUDO_USER" env PATH="$PATH" "$@"
    else
        "$@"
    fi
}

find_cargo() {
    command -v cargo >/dev/null 2>&1 && return
    builder_home=${HOME:-/}
    if [ "$(id -u)" = 0 ] && [ "${SUDO_USER:-root}" != root ]; then
        builder_home=$(getent passwd "$SUDO_USER" | cut -d: -f6)
    fi
    [ -x "$builder_home/.cargo/bin/cargo" ] ||
        fail "no cargo here: install Rust (rustup, or your distribution's package cargo), or give ready binaries by --binaries DIR"
    PATH=$builder_home/.cargo/bin:$PATH
}

has_target() { [ -d "$(as_builder rustc --print sysroot 2>/dev/null)/lib/rustlib/$1/lib" ]; }

build() {
    find_cargo
    command -v cc >/dev/null 2>&1 || command -v gcc >/dev/null 2>&1 ||
        fail "no C compiler here to link with: install your distribution's package gcc, or give ready binaries by --binaries DIR"
    target=x86_64-unknown-linux-musl
    flags=${RUSTFLAGS:-}
    if ! has_target "$target" && command -v rustup >/dev/null 2>&1; then
        say "adding the Rust target $target"
        (cd "$here" && as_builder rustup target add "$target") >&2 || :
    fi
    if ! has_target "$target"; then
        target=x86_64-unknown-linux-gnu
        flags="$flags -C target-feature=+crt-static"
        say "no Rust target for musl: building with static glibc"
    fi
    out=${CARGO_TARGET_DIR:-$here/target}
    binaries=$out/$target/release
    if has_std_source; then
        say "building for $target, standard library included (a minute or two)"
        compile_with_std && return
        say "the standard library cannot be rebuilt here: the programs will be larger"
    fi
    say "building for $target (a minute or two)"
    compile "$flags" build --bins || fail "the build failed (see above): nothing was installed"
}

# --build: what is said goes to stderr, so that the folder can be captured.
build_only() {
    check_machine >&2
    build >&2
    # What would keep them from being installed is said now.
    "$binaries/loopshim" shim install --binaries "$binaries" --prefix "$out/nowhere" --dry-run >/dev/null || exit 1
    say "$binaries"
}

# compile FLAGS SUBCOMMAND [ARGUMENT…]: runs cargo in the checkout, for our target.
compile() {
    rustflags=$1 subcommand=$2
    shift 2
    (cd "$here" && as_builder env ${bootstrap:+RUSTC_BOOTSTRAP=1} RUSTFLAGS="$rustflags" \
        cargo "$subcommand" --release --locked --target "$target" --target-dir "$out" \
        ${LOOPSHIM_FEATURES:+--features "$LOOPSHIM_FEATURES"} "$@") >&2
}

# The standard library as shipped brings 400 KB of symbol tables readers and
# panic texts to each program. Rebuilding it without them is not stable yet in
# cargo, hence the variable; nothing in our own code is built differently. What
# needs a large frame stays a function of its own. The linker lays out for few
# page faults: everything read-only in one mapping, and together what the
# commonest commands run (benches/layout).
# ipmitool, which runs in loops for a millisecond, is to be small above all:
# sequences of machine code that repeat become functions, and short jump tables
# comparisons. rsync runs longer, and would be slower by that.
compile_with_std() {
    bootstrap=1
    std="-Zunstable-options -Cpanic=immediate-abort -Cforce-unwind-tables=no -Crelocation-model=static"
    std="$std -Cllvm-args=-inline-max-stacksize=160"
    link="-Clink-arg=-Wl,-z,noseparate-code -Clink-arg=-Wl,-T,shims/layout.ld"
    small="-Cllvm-args=-enable-machine-outliner=always -Cllvm-args=-min-jump-table-entries=12"
    rebuilt="-Zbuild-std=std,panic_abort -Zbuild-std-features=optimize_for_size"
    # benches/run has its yardstick built along.
    yardsticks=${LOOPSHIM_FEATURES:+--bin nothing --bin handles}
    # shellcheck disable=SC2086
    compile "$flags $std $link" build $rebuilt --bin loopshim --bin pip3 --bin rsync $yardsticks &&
        compile "$flags $std $link" rustc $rebuilt --bin ipmitool -- $small && return
    bootstrap=
    return 1
}

has_std_source() {
    source=$(as_builder rustc --print sysroot 2>/dev/null)/lib/rustlib/src/rust/library/std
    [ -d "$source" ] && return
    command -v rustup >/dev/null 2>&1 || return
    say "adding the standard library's source"
    (cd "$here" && as_builder rustup component add rust-src) >&2 || :
    [ -d "$source" ]
}

# --- The program that does it ------------------------------------------------

# find_tool: sets tool to a host tool that runs here; fails when there is none.
# One in a staged tree is another machine's, and never run.
find_tool() {
    out=${CARGO_TARGET_DIR:-$here/target}
    for tool in ${binaries:+"$binaries/loopshim"} \
        "$out/x86_64-unknown-linux-musl/release/loopshim" "$out/x86_64-unknown-linux-gnu/release/loopshim" \
        "$installed_tool"; do
        [ -f "$tool" ] && "$tool" --version >/dev/null 2>&1 && return
    done
    return 1
}

# shim COMMAND [OPTION...]: becomes `loopshim shim COMMAND`.
shim() {
    [ -z "$only" ] || set -- "$@" --only "$only"
    [ -z "$prefix" ] || set -- "$@" --prefix "$prefix"
    [ -z "$root" ] || set -- "$@" --root "$root"
    [ -z "$dry_run" ] || set -- "$@" --dry-run
    # Its hints are to name this script, as it was called.
    LOOPSHIM_INSTALL=$self
    export LOOPSHIM_INSTALL
    exec "$tool" shim "$@"
}

install() {
    check_machine
    if [ -z "$binaries" ]; then
        check_sources
        build
    fi
    find_tool || fail "no host tool in $binaries, built here or installed that could do it: ./install.sh --build makes one"
    set -- --binaries "$binaries"
    [ -z "$host_rsync" ] || set -- "$@" --host-rsync
    shim install "$@"
}

# To take back, what is there will do; without it, it has to be built.
uninstall() {
    find_tool || { build && find_tool; } || fail "no host tool is to be had"
    shim remove
}

status() {
    find_tool || { build >&2 && find_tool; } || fail "no host tool is to be had"
    dry_run=
    shim status
}

check_machine() {
    machine=$(uname -m)
    case $machine in
    x86_64 | amd64) ;;
    *) [ "$root" ] || fail "this machine is $machine, and loopshim's programs are for x86_64 only" ;;
    esac
}

# What there is to build, before a minute is spent on it.
check_sources() {
    have=
    for name in $known; do
        [ ! -f "$here/shims/$name.rs" ] || have="$have $name"
    done
    [ "$have" ] || fail "$here/shims holds none of loopshim's programs ($known)"
    for name in $(printf '%s' "$only" | tr ',' ' '); do
        case " $have " in
        *" $name "*) ;;
        *) fail "no $name here: this loopshim has$have" ;;
        esac
    done
}

# --- Arguments ---------------------------------------------------------------

action=install
only=
host_rsync=
binaries=
prefix=
root=
dry_run=

absolute() {
    case $1 in
    /*) say "$1" ;;
    *) say "$(pwd -P)/$1" ;;
    esac
}

read_only_list() {
    only=$1
    wanted=$(printf '%s' "$1" | tr ',' ' ')
    [ "${wanted# }" ] || misused "--only needs names, e.g. --only ipmitool"
    for name in $wanted; do
        case " $known " in
        *" $name "*) ;;
        *) misused "unknown program '$name': loopshim knows $known" ;;
        esac
    done
}

while [ $# -gt 0 ]; do
    option=$1
    shift
    case $option in
    --*=*)
        value=${option#*=}
        option=${option%%=*}
        set -- "$value" "$@"
        ;;
    --only | --binaries | --prefix | --root) [ $# -gt 0 ] || misused "$option needs a value" ;;
    esac
    case $option in
    -h | --help)
        usage
        exit 0
        ;;
    --status) action=status ;;
    --uninstall) action=uninstall ;;
    --build) action=build_only ;;
    --dry-run) dry_run=1 ;;
    --host-rsync) host_rsync=1 ;;
    --only) read_only_list "$1" && shift ;;
    --binaries) binaries=$(absolute "$1") && shift ;;
    --prefix) prefix=$(absolute "$1") && shift ;;
    --root) root=$(absolute "$1") && shift ;;
    *) misused "unknown option '$option'" ;;
    esac
done

[ -z "$prefix" ] || [ -z "$root" ] || misused "--prefix and --root exclude each other"
[ -z "$prefix" ] || [ -z "$host_rsync" ] || misused "--host-rsync replaces the system's rsync: not with --prefix"
if [ "$root" ] && [ ! -d "$root" ]; then fail "$root is not there: make the folder first"; fi
if [ "$binaries" ] && [ ! -d "$binaries" ]; then fail "$binaries is not a folder"; fi
# As root, only what root alone could have put there is run besides our own.
installed_tool=/usr/bin/loopshim
[ "$(id -u)" = 0 ] || installed_tool=${prefix:-${HOME:-}/.local}/bin/loopshim

"$action"
