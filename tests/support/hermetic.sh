# hermetic.sh - tests keep to themselves: the user's own files are neither read nor written, and the machine's networks are not
# searched for cameras; sourced after tap.sh by whatever starts a console.  Knows no test.
#
# A console reads $WORK/config/livedirector/livedirector.conf, which puts the sweep, the host names, Tailscale and Link off; options
# and a file of the test's own win.  Bonjour is each test's own: --no-bonjour, a private daemon, or alone (below).
# In a laboratory of namespaces (netlab.sh) there is nothing to keep away from: it stays as for a user.

HERMETIC_CONF='sweep off
probe off
tailscale off
link off'

mkdir -p "$WORK/config/livedirector"
# `do` and `status` reach the only console of this user that runs: of this test, that is.
XDG_RUNTIME_DIR=$WORK/run
export XDG_RUNTIME_DIR
mkdir -p -m 0700 "$XDG_RUNTIME_DIR"
[ -n "$LAB_INSIDE" ] || echo "$HERMETIC_CONF" >"$WORK/config/livedirector/livedirector.conf"

# alone COMMAND...: on a network of its own with nobody on it; 99: such a one cannot be made here.
alone() {
	alone_root=
	[ "$(id -u)" = 0 ] || alone_root=-r
	# shellcheck disable=SC2086
	unshare $alone_root -n true 2>/dev/null || return 99
	# shellcheck disable=SC2086
	unshare $alone_root -n "$@"
}
