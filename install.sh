#!/bin/sh
# Builds loopshim's shims as static programs, puts them where the originals are
# looked for, keeps every original and puts it back. `./install.sh --help`.
#
# Rules the script is built on:
# - Every change of the machine goes through `step`; between any two steps the
#   machine works as before or as meant, and a rerun or --uninstall completes.
# - The record is written before anything is touched, and removed after
#   everything is back: what is found on disk decides, the record says what for.
# - A command's name never dangles: the original gets a second name by a hard
#   link first, then the shim is renamed over the first name.
set -u
LC_ALL=C
export LC_ALL
umask 022
PATH=$PATH:/usr/sbin:/sbin

# The bytes found in every shim and in nothing else, followed by ":NAME:VERSION;"
# (crates/loopshim-core/src/marker.rs).
marker=loopshim-shim-marker:5f6c6f6f707368696d5f

known='ipmitool pip3 rsync loopshim'
here=$(cd "$(dirname "$0")" && pwd -P) || exit 1
self=$0
tab=$(printf '\t')
newline='
'

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
    --dry-run         with any of these: tell, but change nothing

How to do it:
    --only LIST       only these, e.g. --only ipmitool,rsync
    --host-rsync      also replace this machine's own /usr/bin/rsync
    --binaries DIR    install the binaries in DIR instead of building
    --prefix DIR      everything into DIR/bin, nothing of the system touched
    --root DIR        stage the tree of another machine or an image in DIR
    -h, --help        this text

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

one_line() { printf '%s' "$*" | tr '\n' ' ' | sed 's/  */ /g; s/ $//'; }

# --- Changing the machine ----------------------------------------------------

steps=0
dry_run=
giving_up=

# step WHAT COMMAND...: the only way anything is changed. Tests walk through
# all steps by LOOPSHIM_INSTALL_STOP_AFTER=N, which ends the script after the
# Nth as a power cut would.
step() {
    step_what=$1
    shift
    if [ "$dry_run" ]; then
        say "would $step_what"
        return 0
    fi
    if ! step_why=$("$@" 2>&1); then
        give_up "could not $step_what: $(one_line "$step_why")"
        return 1
    fi
    say "$step_what"
    steps=$((steps + 1))
    [ "$steps" != "${LOOPSHIM_INSTALL_STOP_AFTER:-}" ] || kill -9 $$
}

# give_up WORDS: takes back what this run began, then fails.
give_up() {
    warn "$*"
    [ -z "$giving_up" ] || return 0
    giving_up=1
    [ "$action" = install ] || exit 1
    for id in $ids; do
        place "$id"
        remove_quietly "$staged"
    done
    for id in $begun; do undo "$id"; done
    if [ "$had_record" ]; then
        replace_file "$record" "$record_before"
    else
        remove_quietly "$record"
        remove_directories
    fi
    exit 1
}

remove_quietly() {
    { [ -e "$1" ] || [ -L "$1" ]; } && rm -f "$1"
    return 0
}

# replace_file PATH TEXT: written beside and renamed, so that it is never half there.
replace_file() {
    rm -f "$1.new" || return 1
    # By cat, which says why it failed; a shell's own printf need not.
    if ! printf '%s' "$2" | cat >"$1.new"; then
        rm -f "$1.new"
        return 1
    fi
    sync "$1.new" 2>/dev/null || :
    mv -f "$1.new" "$1"
}

# --- What a file is ----------------------------------------------------------

exists() { [ -e "$1" ] || [ -L "$1" ]; }

# The texts in a program, a line each. By ranges: busybox has no classes to complement.
texts_in() { tr '\000-\037\177-\377' '\n' <"$1" 2>/dev/null; }

# The stamp in a program: NAME:VERSION. Empty when it is not one of ours. A
# symbolic link is never ours: we make none.
stamp_of() {
    { [ -f "$1" ] && [ ! -L "$1" ]; } || return 0
    texts_in "$1" | sed -n "s/.*$marker:\\([a-z0-9]*:[0-9A-Za-z.+-]*\\);.*/\\1/p" | sed 1q
}

# A shim carries a stamp, or at least the marker of the guard against running itself.
is_ours() {
    { [ -f "$1" ] && [ ! -L "$1" ]; } || return 1
    texts_in "$1" | grep -q "$marker"
}

# shellcheck disable=SC2012 # only the number is read, never the name
inode() { ls -di "$1" 2>/dev/null | sed 's/^ *//; s/ .*//'; }

same_inode() { exists "$1" && exists "$2" && [ "$(inode "$1")" = "$(inode "$2")" ]; }

same_bytes() {
    if command -v cmp >/dev/null 2>&1; then
        cmp -s "$1" "$2"
    else
        [ -f "$2" ] && [ "$(cksum <"$1")" = "$(cksum <"$2")" ]
    fi
}

# A script that hands over to NAME.real: an earlier stand-in, not an original.
is_wrapper() {
    [ -f "$1" ] && [ "$(dd if="$1" bs=2 count=1 2>/dev/null | tr -d '\0')" = '#!' ] &&
        grep -q "$name\\.real" "$1"
}

bytes_at() { od -An -v -tu1 -j "$2" -N "$3" "$1" | tr '\n' ' '; }

# Why FILE cannot be installed as NAME; nothing when it can.
# check_program FILE NAME
check_program() {
    check_file=$1
    check_name=$2
    [ -f "$check_file" ] || { say "$check_file is not there"; return; }
    # shellcheck disable=SC2046 # one word for each byte
    set -- $(bytes_at "$check_file" 0 64)
    if [ "${1-} ${2-} ${3-} ${4-}" != '127 69 76 70' ] || [ $# -lt 64 ]; then
        say "$check_file is not an ELF program"
        return
    fi
    if [ "$5 $6 ${19} ${20}" != '2 1 62 0' ]; then
        say "$check_file is for another architecture (ELF machine $((${19} + 256 * ${20}))), not for x86-64"
        return
    fi
    headers=$((${33} + 256 * (${34} + 256 * (${35} + 256 * ${36}))))
    size=$((${55} + 256 * ${56}))
    count=$((${57} + 256 * ${58}))
    # shellcheck disable=SC2046
    set -- $(bytes_at "$check_file" "$headers" $((size * count)))
    while [ "$size" -gt 0 ] && [ $# -ge "$size" ]; do
        if [ "$1 $2 $3 $4" = '3 0 0 0' ]; then
            say "$check_file is not static: it asks for an interpreter"
            return
        fi
        shift "$size"
    done
    case $(stamp_of "$check_file") in
    "$check_name":*) ;;
    *) say "$check_file does not carry loopshim's mark as $check_name" ;;
    esac
}

# --- Where things go ---------------------------------------------------------

# place ID: sets name, installed (as seen inside the root), at (the file), staged.
# `host-rsync` is rsync once more, in place of the machine's own.
place() {
    name=${1#host-}
    installed=$bin/$name
    [ "$1" != rsync ] || [ "$prefix" ] || installed=/usr/libexec/loopshim/rsync
    at=$root$installed
    staged=${at%/*}/.$name.loopshim-new
}

# recorded INSTALLED: sets original, kept and how as an earlier run decided.
recorded() {
    { [ -f "$record" ] && [ ! -L "$record" ]; } || return 1
    while IFS=$tab read -r _ r_original r_installed r_kept r_how _; do
        if [ "$r_installed" = "$1" ]; then
            original=$r_original kept=$r_kept how=$r_how
            return 0
        fi
    done <"$record"
    return 1
}

# decide ID: place, then how the original is kept: by the record, else anew.
decide() {
    place "$1"
    was_recorded=1
    recorded "$installed" && return
    was_recorded=
    how=$(manager "$1")
    original=$installed.real
    kept=$original
    real=$root$original
    exists "$real" || return 0
    if is_ours "$real" || is_ours "$at" || same_inode "$real" "$at" || [ "$(diverted_to)" = "$original" ]; then
        return 0
    fi
    # Somebody else's NAME.real: it stays, and what we replace gets another name.
    kept=$installed.replaced
    if exists "$at" && ! is_wrapper "$at"; then original=$kept; fi
    ! exists "$root$kept" ||
        fail "$installed.real and $kept both exist and neither is loopshim's: move one of them away first"
}

# Which package manager must be told, or warned of, for ID.
manager() {
    if [ "$prefix" ] || [ "$1" = rsync ] || [ "$1" = loopshim ]; then
        say plain
    elif [ -d "$root/var/lib/dpkg" ]; then
        if command -v dpkg-divert >/dev/null 2>&1; then say dpkg-divert; else say plain; fi
    elif [ -d "$root/var/lib/rpm" ] || [ -d "$root/usr/lib/sysimage/rpm" ]; then
        say rpm
    else
        say plain
    fi
}

divert() { dpkg-divert ${root:+--root "$root"} "$@"; }

# Where packages' $installed lands; $installed itself when it is not diverted.
diverted_to() {
    if [ "$how" = dpkg-divert ]; then divert --truename "$installed" 2>/dev/null; else say "$installed"; fi
}

# The package that brought $installed as it is now, unmodified (RPM only).
package_brought_it() {
    [ "$how" = rpm ] && command -v rpm >/dev/null 2>&1 || return 1
    rpm ${root:+--root "$root"} -qf "$installed" >/dev/null 2>&1 || return 1
    ! rpm ${root:+--root "$root"} -Vf "$installed" 2>/dev/null | grep -q "[[:space:]]$installed\$"
}

# missing_directories PATH...: those not there yet, outermost first.
missing_directories() {
    for wanted; do
        missing=
        while [ "$wanted" ] && [ "$wanted" != / ] && [ ! -d "$wanted" ]; do
            missing="$wanted$newline$missing"
            wanted=${wanted%/*}
        done
        printf '%s' "$missing"
    done
}

remove_directories() {
    innermost_first=
    while IFS= read -r directory; do
        [ -z "$directory" ] || innermost_first="$directory$newline$innermost_first"
    done <<END
$created
END
    while IFS= read -r directory; do
        [ -z "$directory" ] || [ ! -d "$root$directory" ] || rmdir "$root$directory" 2>/dev/null
    done <<END
$innermost_first
END
    return 0
}

# --- The record --------------------------------------------------------------
# One line for each file put in place, fields between tabs, paths as seen
# inside the root:
#     NAME  ORIGINAL  INSTALLED  KEPT  HOW
# ORIGINAL is the program to hand over to; it need not exist (yet). KEPT is what
# --uninstall renames back to INSTALLED: the same file but where an earlier
# stand-in was replaced. HOW is dpkg-divert, rpm or plain. Lines that begin with
# # are install.sh's own: directories it made, and files it left.

read_notes() {
    created=$(own_lines created)
    created=$created${created:+$newline}
    spared=$(own_lines left)
    spared=$spared${spared:+$newline}
}

own_lines() { { [ -f "$record" ] && [ ! -L "$record" ] && sed -n "s/^#$1$tab//p" "$record"; } || :; }

# record_text IDS: the rows of IDS as decided, and all other rows as they are.
record_text() {
    printf '# What loopshim put in place: NAME, ORIGINAL, INSTALLED, KEPT, HOW (see install.sh).\n'
    printf '%s' "$created" | sed -n "/./s/^/#created$tab/p"
    printf '%s' "$spared" | sed -n "/./s/^/#left$tab/p"
    places=$newline
    for id in $1; do
        decide "$id"
        places="$places$installed$newline"
        printf '%s\t%s\t%s\t%s\t%s\n' "$name" "$original" "$installed" "$kept" "$how"
    done
    other_rows "$places"
}

# other_rows PLACES: the record's rows for files not in PLACES.
other_rows() {
    { [ -f "$record" ] && [ ! -L "$record" ]; } || return 0
    while IFS=$tab read -r r_name r_original r_installed r_kept r_how _; do
        case $r_name in '#'*) continue ;; esac
        case $1 in *"$newline$r_installed$newline"*) continue ;; esac
        printf '%s\t%s\t%s\t%s\t%s\n' "$r_name" "$r_original" "$r_installed" "$r_kept" "$r_how"
    done <"$record"
}

# begin_record TEXT: the directories and the record that names them, in one step.
begin_record() {
    mkdir -p "$root$bin" "$state" || return 1
    case " $ids " in *' rsync '*) [ "$prefix" ] || mkdir -p "$root/usr/libexec/loopshim" || return 1 ;; esac
    replace_file "$record" "$1"
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
    compile env RUSTFLAGS="$flags" cargo build || fail "the build failed (see above): nothing was installed"
}

# --build: what is said goes to stderr, so that the folder can be captured.
build_only() {
    check_machine >&2
    ids=$(available)
    build >&2
    check_binaries >&2
    say "$binaries"
}

# compile COMMAND…: runs it in the checkout, for our target; benches/run has
# its yardstick built along.
compile() {
    set -- "$@" --release --locked --bins --target "$target" --target-dir "$out"
    (cd "$here" && as_builder "$@" ${LOOPSHIM_FEATURES:+--features "$LOOPSHIM_FEATURES"}) >&2
}

# The standard library as shipped brings 400 KB of symbol tables readers and
# panic texts to each program. Rebuilding it without them is not stable yet in
# cargo, hence the variable; nothing in our own code is built differently.
# Sequences of machine code that repeat become functions, short jump tables
# comparisons, and what needs a large frame stays a function of its own: 3 % of
# the code. The linker lays out for few page faults: everything read-only in one
# mapping, and together what the commonest commands run (benches/layout).
compile_with_std() {
    std="-Zunstable-options -Cpanic=immediate-abort -Cforce-unwind-tables=no -Crelocation-model=static"
    small="-Cllvm-args=-enable-machine-outliner=always -Cllvm-args=-min-jump-table-entries=12"
    small="$small -Cllvm-args=-inline-max-stacksize=160"
    link="-Clink-arg=-Wl,-z,noseparate-code -Clink-arg=-Wl,-T,shims/layout.ld"
    compile env RUSTC_BOOTSTRAP=1 RUSTFLAGS="$flags $std $small $link" \
        cargo build -Zbuild-std=std,panic_abort -Zbuild-std-features=optimize_for_size
}

has_std_source() {
    source=$(as_builder rustc --print sysroot 2>/dev/null)/lib/rustlib/src/rust/library/std
    [ -d "$source" ] && return
    command -v rustup >/dev/null 2>&1 || return
    say "adding the standard library's source"
    (cd "$here" && as_builder rustup component add rust-src) >&2 || :
    [ -d "$source" ]
}

# Which of our programs there are: by their sources before a build.
available() {
    for available_name in $known; do
        if [ "$binaries" ]; then
            [ ! -f "$binaries/$available_name" ] || printf '%s ' "$available_name"
        else
            [ ! -f "$here/shims/$available_name.rs" ] || printf '%s ' "$available_name"
        fi
    done
}

# --- Installing --------------------------------------------------------------

choose() {
    have=$(available)
    [ "$have" ] || fail "${binaries:-$here/shims} holds none of loopshim's programs ($known)"
    ids=
    for wanted in ${only:-$have}; do
        case " $have " in
        *" $wanted "*) ids="$ids $wanted" ;;
        *) fail "no $wanted here: this loopshim has ${have% }" ;;
        esac
    done
    case "$ids " in *' rsync '*)
        host_rsync_before=
        [ "$prefix" ] || ! recorded /usr/bin/rsync || host_rsync_before=1
        [ -z "$host_rsync$host_rsync_before" ] || ids="$ids host-rsync"
        ;;
    *) [ -z "$host_rsync" ] || fail "no rsync here for --host-rsync: this loopshim has ${have% }" ;;
    esac
}

# All that can be known to go wrong is found before anything is changed.
check_machine() {
    machine=$(uname -m)
    case $machine in
    x86_64 | amd64) ;;
    *) [ "$staging" ] || fail "this machine is $machine, and loopshim's programs are for x86_64 only" ;;
    esac
}

check_target() {
    for checked in "$root$bin" "$state" ${prefix:-"$root/usr/libexec/loopshim"}; do
        while [ "$checked" ] && [ "$checked" != "$root" ]; do
            if [ -L "$checked" ] && { [ "$staging" ] || [ "${checked##*/}" = loopshim ]; }; then
                fail "$checked is a symbolic link that loopshim did not make: not following it"
            fi
            checked=${checked%/*}
        done
    done
    for checked in "$root$bin" "$state"; do
        while [ ! -d "$checked" ]; do
            checked=${checked%/*}
            checked=${checked:-/}
        done
        [ -w "$checked" ] || fail "cannot write to $checked: $(why_not_writable)"
    done
    for id in $ids; do
        decide "$id"
        [ ! -d "$at" ] || fail "$at is a directory: not replacing it"
        [ "$how" != dpkg-divert ] || check_diversion
    done
}

why_not_writable() {
    if [ "$(id -u)" = 0 ]; then say "it is read-only"; else say "run ./install.sh as root, or with --prefix DIR"; fi
}

check_diversion() {
    diverted=$(diverted_to)
    case $diverted in
    "$installed" | "$original") ;;
    '') fail "dpkg-divert does not work here: $(one_line "$(divert --truename "$installed" 2>&1)")" ;;
    *) fail "$installed is already diverted to $diverted by somebody else: remove that diversion first (dpkg-divert --list $installed)" ;;
    esac
}

check_binaries() {
    for id in $ids; do
        place "$id"
        trouble=$(check_program "$binaries/$name" "$name")
        [ -z "$trouble" ] || fail "$trouble: nothing was installed"
    done
}

is_current() { [ "$binaries" ] && is_ours "$at" && same_bytes "$binaries/$name" "$at"; }

stage_copy() {
    rm -f "$2" && cp "$1" "$2" && chmod 755 "$2" && same_bytes "$1" "$2" && { sync "$2" 2>/dev/null || :; }
}

# Staged beside its place, so that what follows is renames only. One that the
# kernel will not start is found out here.
stage() {
    place "$1"
    if is_current; then
        remove_quietly "$staged"
        return 0
    fi
    step "copy $name to $staged" stage_copy "$binaries/$name" "$staged"
    [ -z "$staging$dry_run" ] || return 0
    "$staged" -V >/dev/null 2>&1 </dev/null
    [ $? -lt 126 ] || give_up "$staged cannot be run here (a file system mounted noexec?)"
}

# second_name FILE NAME: a hard link has no moment without the first name;
# a move is for file systems without them.
second_name() {
    ln "$1" "$2" 2>/dev/null && same_inode "$1" "$2" && return
    exists "$2" && ! same_inode "$1" "$2" && rm -f "$2"
    mv "$1" "$2"
}

rename_over() { mv -f "$1" "$2"; }

replace_kept() {
    rm -f "$staged.kept" && second_name "$at" "$staged.kept" && mv -f "$staged.kept" "$root$kept"
}

# A name for FILE that no other file has.
spare_name() {
    number=1
    while exists "$root$installed.real.$number" && ! same_inode "$root$installed.real.$number" "$1"; do
        number=$((number + 1))
    done
    say "$installed.real.$number"
}

# spare FILE: keeps FILE under a name of its own for good.
spare() {
    spare_to=$(spare_name "$root$1")
    same_inode "$root$1" "$root$spare_to" ||
        step "keep the older $1 as $spare_to" second_name "$root$1" "$root$spare_to"
    spared="$spared$spare_to$newline"
}

# The file at $at is not ours: give it the name it is kept under.
set_aside() {
    if ! exists "$root$kept"; then
        step "keep $installed as $kept" second_name "$at" "$root$kept"
    elif same_inode "$at" "$root$kept"; then
        :
    elif is_ours "$root$kept"; then
        step "keep $installed as $kept, where a copy of the shim was" replace_kept
    elif [ "$was_diverted" ]; then
        # dpkg unpacks at $kept: what is there is the package's own.
        spare "$installed"
    else
        package_brought_it || spare "$kept"
        step "keep the newer $installed as $kept" replace_kept
    fi
}

put_in_place() {
    decide "$1"
    was_diverted=
    if [ "$how" = dpkg-divert ]; then
        if [ "$(diverted_to)" = "$original" ]; then
            was_diverted=1
        else
            step "divert $installed to $original in dpkg" divert_to_original
        fi
    fi
    if exists "$at" && ! is_ours "$at"; then set_aside; fi
    if exists "$staged" || { [ "$dry_run" ] && ! is_current; }; then
        step "put the shim at $installed" rename_over "$staged" "$at"
    fi
}

divert_to_original() { divert --local --no-rename --divert "$original" --add "$installed"; }
remove_diversion() { divert --local --no-rename --remove "$installed"; }

install() {
    check_machine
    choose
    check_target
    if [ -z "$binaries" ] && [ -z "$dry_run" ]; then
        build
    elif [ -z "$binaries" ]; then
        say "would build ${ids# }"
    fi
    [ -z "$binaries" ] || check_binaries
    lock
    check_target
    remember_before
    read_notes
    created=$created$(missing_for_install | sort -u | sed "s|^$(pattern "$root")||")$newline
    begun=
    for id in $ids; do
        decide "$id"
        [ "$was_recorded" ] || begun="$begun $id"
    done
    text=$(record_text "$ids")$newline
    if [ "$text" != "$record_before" ]; then
        step "write the record $record" begin_record "$text"
    fi
    if [ -z "$dry_run" ]; then
        for id in $ids; do stage "$id"; done
    fi
    spared_before=$spared
    for id in $ids; do put_in_place "$id"; done
    if [ "$spared" != "$spared_before" ] && [ -z "$dry_run" ]; then
        step "note in the record what was left" replace_file "$record" "$(record_text "$ids")$newline"
    fi
    [ "$dry_run" ] || report
}

missing_for_install() {
    missing_directories "$root$bin" "$state"
    case " $ids " in *' rsync '*) [ "$prefix" ] || missing_directories "$root/usr/libexec/loopshim" ;; esac
}

# A text as a basic regular expression that matches just it.
pattern() { printf '%s' "$1" | sed 's/[].[*^$\\|]/\\&/g'; }

remember_before() {
    had_record=
    record_before=
    if [ -f "$record" ] && [ ! -L "$record" ]; then
        had_record=1
        record_before=$(cat "$record")$newline
    fi
}

# --- Telling what came of it -------------------------------------------------

options_again() { say "${prefix:+ --prefix $prefix}${staging:+ --root $root}"; }

report() {
    say
    say "In place:"
    for id in $ids; do
        decide "$id"
        version=$(stamp_of "$at")
        line="  $installed  loopshim ${version#*:}"
        if exists "$root$kept"; then line="$line; the original is $kept"; fi
        case $how in
        dpkg-divert) line="$line; packages' own file goes to $original (dpkg-divert)" ;;
        rpm) line="$line; an update of its package will put the original back: then run ./install.sh again (--status tells)" ;;
        esac
        say "$line"
    done
    printf '%s' "$spared" | sed 's/^/  left, not loopshim'\''s: /'
    say "Undo: $self --uninstall$(options_again)"
    say "Check: $self --status$(options_again)"
    answered=1
    for id in $ids; do show "$id"; done
    [ "$answered" ] || exit 1
}

# show ID: the program answers as its users call it.
show() {
    place "$1"
    if [ "$staging" ]; then
        set -- env LOOPSHIM_ROOT="$root" "$at"
    elif [ "$prefix" ] || [ "$installed" != "$bin/$name" ]; then
        set -- "$at"
    else
        check_found_first
        set -- "$name"
        if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then set -- sudo -n "$name"; fi
    fi
    filter=
    case $name in
    ipmitool) set -- "$@" fru print 0 && filter='Board Mfg' ;;
    *) set -- "$@" --version ;;
    esac
    say
    say "\$ $*${filter:+ | grep \"$filter\"}"
    answer=$("$@" </dev/null 2>&1 | grep "$filter" | sed 5q)
    if [ "$answer" ]; then
        say "$answer"
    else
        warn "$name is in place but did not answer; $self --uninstall$(options_again) puts everything back"
        answered=
    fi
    [ -z "$prefix" ] || check_path
}

# Another program of the same name in an earlier folder would be run instead.
check_found_first() {
    for folder in /usr/local/sbin /usr/local/bin /usr/sbin /sbin; do
        if [ -x "$folder/$name" ] && ! same_inode "$folder/$name" "$at"; then
            warn "$folder/$name may be found before $installed: sudo's secure_path and PATH decide"
        fi
    done
}

check_path() {
    case :$PATH: in
    *":$bin:"*) ;;
    *) [ "${path_told:-}" ] || warn "$bin is not in your PATH; sudo does not look there either (its secure_path)" ;;
    esac
    path_told=1
}

# --- Uninstalling ------------------------------------------------------------

# undo ID: the original back at its place, from whatever state is found.
undo() {
    decide "$1"
    remove_quietly "$staged"
    remove_quietly "$staged.kept"
    kept_file=$root$kept
    if exists "$at" && ! is_ours "$at"; then
        undo_foreign
    elif exists "$kept_file" && ! is_ours "$kept_file"; then
        step "put $kept back at $installed" rename_over "$kept_file" "$at"
    else
        ! is_ours "$kept_file" || step "remove $kept, a copy of the shim" rm -f "$kept_file"
        ! exists "$at" || step "remove $installed" rm -f "$at"
    fi
    if [ "$how" = dpkg-divert ] && [ "$(diverted_to)" = "$original" ]; then
        step "remove dpkg's diversion of $installed" remove_diversion
    fi
}

# Somebody else's file is at our place.
undo_foreign() {
    exists "$kept_file" || return 0
    if same_inode "$at" "$kept_file" || is_ours "$kept_file"; then
        step "remove $kept" rm -f "$kept_file"
    elif [ "$how" = dpkg-divert ] && [ "$(diverted_to)" = "$original" ] && [ "$original" = "$kept" ]; then
        spare "$installed"
        step "put $kept back at $installed" rename_over "$kept_file" "$at"
    elif package_brought_it; then
        step "remove $kept, replaced by its package's newer $installed" rm -f "$kept_file"
    else
        warn "$installed is not the shim any more and stays; the original it replaced stays as $kept"
    fi
}

# Those in the record, and those found in place without one.
installed_ids() {
    for id in ipmitool pip3 rsync host-rsync loopshim; do
        place "$id"
        [ "$id" != host-rsync ] || [ -z "$prefix" ] || continue
        wants "$name" || continue
        if recorded "$installed" || is_ours "$at" || exists "$staged"; then printf '%s ' "$id"; fi
    done
}

wants() {
    [ "$only" ] || return 0
    case " $only " in *" $1 "*) ;; *) return 1 ;; esac
}

uninstall() {
    lock
    ids=$(installed_ids)
    read_notes
    if [ -z "$ids" ] && ! exists "$record"; then
        say "nothing of loopshim is installed ${prefix:+in $prefix}${staging:+in $root}"
        return 0
    fi
    [ -w "$root$bin" ] || fail "cannot write to $root$bin: $(why_not_writable)"
    for id in $ids; do undo "$id"; done
    places=$newline
    for id in $ids; do
        place "$id"
        places="$places$installed$newline"
    done
    rest=$(other_rows "$places")
    if [ "$rest" ]; then
        step "write the record $record" replace_file "$record" "$(record_text '' | grep '^#')$newline$rest$newline"
    elif exists "$record"; then
        step "remove the record $record" remove_record
    fi
    printf '%s' "$spared" | sed 's/^/left, not loopshim'\''s: /'
    if [ -z "$prefix$dry_run$rest" ] && [ -d "$state" ]; then say "left, with what the shims wrote: $state"; fi
    [ "$dry_run" ] || say "done: the rest is as it was before"
}

remove_record() {
    rm -f "$record" "$record.new" && { [ -z "$lock_link" ] || rm -f "$lock_link"; } && remove_directories
}

# --- Status ------------------------------------------------------------------

state_of() {
    if ! [ "$was_recorded" ]; then
        if is_ours "$at"; then say unrecorded; else say not-installed; fi
    elif exists "$staged" || ! exists "$at" || same_inode "$at" "$root$kept"; then
        say interrupted
    elif ! is_ours "$at"; then
        say overwritten
    elif [ "$how" = dpkg-divert ] && [ "$(diverted_to)" != "$original" ]; then
        say undiverted
    else
        say installed
    fi
}

status() {
    in_place=0
    unwell=0
    for id in ipmitool pip3 rsync host-rsync loopshim; do
        place "$id"
        wants "$name" || continue
        if [ "$id" = host-rsync ]; then { [ -z "$prefix" ] && recorded "$installed"; } || continue; fi
        decide "$id"
        state_now=$(state_of)
        version=$(stamp_of "$at")
        original_now=-
        if exists "$root$original" && ! is_ours "$root$original"; then original_now=$original; fi
        printf '%s\t%s\t%s\t%s\t%s\n' "$name" "$state_now" "${version#*:}" "$installed" "$original_now" |
            sed "s/$tab$tab/$tab-$tab/"
        case $state_now in
        installed) in_place=$((in_place + 1)) ;;
        not-installed) ;;
        *) unwell=$((unwell + 1)) ;;
        esac
    done
    [ "$unwell" = 0 ] || { warn "$unwell not in order: run $self$(options_again) again"; exit 4; }
    [ "$in_place" != 0 ] || exit 3
}

# --- One at a time -----------------------------------------------------------

# The folder itself is locked: no lock file to leave behind.
lock() {
    [ -z "$dry_run" ] || return 0
    lock_folder=$root$bin
    [ -z "$staging" ] || lock_folder=$root
    [ -z "$prefix" ] || lock_folder=$prefix
    while [ ! -d "$lock_folder" ]; do
        lock_folder=${lock_folder%/*}
        lock_folder=${lock_folder:-/}
    done
    if command -v flock >/dev/null 2>&1; then
        exec 9<"$lock_folder"
        flock -n 9 || { say "waiting for another install.sh"; flock 9; } || fail "cannot lock $lock_folder"
    else
        lock_by_link
    fi
}

# Where there is no flock: a link that names the process, made at once or not
# at all, and taken over from a process that is gone.
lock_link=
lock_by_link() {
    lock_link=$lock_folder/.loopshim-lock
    tries=0
    until link_why=$(ln -s $$ "$lock_link" 2>&1); do
        if ! holder=$(readlink "$lock_link"); then
            # Let go of in the meantime; or it cannot be made here at all.
            tries=$((tries + 1))
            [ "$tries" -lt 10 ] || fail "cannot lock $lock_folder: $(one_line "$link_why")"
        elif kill -0 "$holder" 2>/dev/null; then
            [ "${waited:-}" ] || say "waiting for another install.sh (process $holder, $lock_link)"
            waited=1
            sleep 1
        elif mv "$lock_link" "$lock_link.$$" 2>/dev/null; then
            # Moved first: another may have taken it over just before us.
            if [ "$(readlink "$lock_link.$$")" = "$holder" ]; then
                rm -f "$lock_link.$$"
            else
                mv "$lock_link.$$" "$lock_link"
            fi
        fi
    done
    trap unlock EXIT
}

unlock() {
    [ -z "$lock_link" ] || rm -f "$lock_link"
    lock_link=
}

# --- Arguments ---------------------------------------------------------------

action=install
only=
host_rsync=
binaries=
prefix=
root=
staging=
begun=
ids=
created=
spared=
had_record=
record_before=

absolute() {
    case $1 in
    /*) say "$1" ;;
    *) say "$(pwd -P)/$1" ;;
    esac | sed 's|/\{1,\}|/|g; s|\(.\)/$|\1|'
}

read_only_list() {
    only=$(printf '%s' "$1" | tr ',' ' ')
    [ "${only# }" ] || misused "--only needs names, e.g. --only ipmitool"
    for wanted in $only; do
        case " $known " in
        *" $wanted "*) ;;
        *) misused "unknown program '$wanted': loopshim knows $known" ;;
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
    --root) root=$(absolute "$1") staging=1 && shift ;;
    *) misused "unknown option '$option'" ;;
    esac
done

case "$prefix$root" in *"$tab"* | *"$newline"*) misused "a folder's name with a tab or a line break cannot be recorded" ;; esac
[ -z "$prefix" ] || [ -z "$staging" ] || misused "--prefix and --root exclude each other"
[ -z "$prefix" ] || [ -z "$host_rsync" ] || misused "--host-rsync replaces the system's rsync: not with --prefix"
if [ "$(id -u)" != 0 ] && [ -z "$prefix$staging" ]; then
    [ "${HOME:-}" ] || fail "neither root nor a HOME to install to: give --prefix DIR"
    prefix=$(absolute "$HOME/.local")
fi
[ "$root" != / ] || { root='' staging=''; }
bin=${prefix:-/usr}/bin
state=$root/var/lib/loopshim
record=$state/originals
if [ "$prefix" ]; then
    state=$bin
    record=$bin/.loopshim-originals
fi
if [ "$staging" ] && [ ! -d "$root" ]; then fail "$root is not there: make the folder first"; fi
if [ "$binaries" ] && [ ! -d "$binaries" ]; then fail "$binaries is not a folder"; fi

"$action"
