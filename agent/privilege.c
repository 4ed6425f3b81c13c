// SPDX-License-Identifier: GPL-2.0
/* Privileges: guard the memory, raise limits, drop what is not needed. */
#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "privilege.h"

#define FILES (1 << 20) /* descriptors, if the system lets us */

/**
 * privilege_guard() - keep keys in the process
 *
 * No core, no debugger, and new files are the owner's alone.
 */
void privilege_guard(void)
{
	const struct rlimit none = { 0, 0 };

	umask(077);
	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &none);
}

/**
 * privilege_limits() - raise the number of descriptors; keep keys off the swap
 *
 * Both as far as the system allows. Memory is locked only without a limit: with
 * one, allocations would fail once the process is not root any more.
 */
void privilege_limits(void)
{
	struct rlimit files, all = { RLIM_INFINITY, RLIM_INFINITY };
	rlim_t most;

	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		most = files.rlim_max;
		files.rlim_cur = FILES;
		files.rlim_max = most < FILES ? FILES : most;
		if (setrlimit(RLIMIT_NOFILE, &files)) {
			files.rlim_cur = most < FILES ? most : FILES;
			files.rlim_max = most;
			setrlimit(RLIMIT_NOFILE, &files);
		}
	}
	if (!setrlimit(RLIMIT_MEMLOCK, &all))
		mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

/**
 * privilege_network() - whether the kernel module can be programmed
 *
 * Return: whether there is CAP_NET_ADMIN.
 */
bool privilege_network(void)
{
	return !capng_get_caps_process() &&
	       capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN);
}

static struct passwd *user_of(const char *user, char *why, size_t room)
{
	struct passwd *pw;

	errno = 0;
	pw = getpwnam(user);
	if (!pw)
		snprintf(why, room, "there is no user %s%s%s", user,
			 errno ? ": " : "", errno ? strerror(errno) : "");
	return pw;
}

/**
 * privilege_directory() - make a directory, or take it over
 * @path: of it; what is above has to be there
 * @user: who is to own it, or NULL for ourselves
 * @why: where to put a sentence on failure
 * @room: octets there
 *
 * Return: 0; or a negative errno with @why filled in.
 */
int privilege_directory(const char *path, const char *user, char *why,
			size_t room)
{
	struct passwd *pw = NULL;
	int err = 0;

	if (user && !geteuid()) {
		pw = user_of(user, why, room);
		if (!pw)
			return -ENOENT;
	}
	if (mkdir(path, 0700) && errno != EEXIST)
		err = -errno;
	if (!err && pw && lchown(path, pw->pw_uid, pw->pw_gid))
		err = -errno;
	if (err)
		snprintf(why, room, "the directory %s cannot be had: %s", path,
			 strerror(-err));
	return err;
}

/**
 * privilege_give() - give a file to who we are going to be
 * @path: of it
 * @user: who is to own it, or NULL for ourselves
 * @why: where to put a sentence on failure
 * @room: octets there
 *
 * Return: 0; or a negative errno with @why filled in.
 */
int privilege_give(const char *path, const char *user, char *why, size_t room)
{
	const struct passwd *pw;
	int err;

	if (!user || geteuid())
		return 0;
	pw = user_of(user, why, room);
	if (!pw)
		return -ENOENT;
	if (!lchown(path, pw->pw_uid, pw->pw_gid))
		return 0;
	err = -errno;
	snprintf(why, room, "%s cannot be given to %s: %s", path, user,
		 strerror(-err));
	return err;
}

/*
 * Applies what was chosen in libcap-ng, as another user or as the same. Without
 * CAP_SETPCAP the bounding set stays; no_new_privs makes it idle.
 */
static int apply(const struct passwd *pw, bool bounds)
{
	if (pw)
		return capng_change_id(pw->pw_uid, pw->pw_gid,
				       CAPNG_INIT_SUPP_GRP |
					       (bounds ? CAPNG_CLEAR_BOUNDING :
							 0));
	return capng_apply(bounds ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS);
}

/**
 * privilege_drop() - keep CAP_NET_ADMIN, and nothing else
 * @user: to become, or NULL to stay who we are
 * @why: where to put a sentence on failure
 * @room: octets there
 *
 * Return: 0; or a negative errno with @why filled in.
 */
int privilege_drop(const char *user, char *why, size_t room)
{
	struct passwd *pw = NULL;
	bool network, bounds;
	int err;

	if (user && !geteuid()) {
		pw = user_of(user, why, room);
		if (!pw)
			return -ENOENT;
	}
	network = privilege_network();
	bounds = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
	capng_clear(CAPNG_SELECT_BOTH);
	if (network)
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
			     CAP_NET_ADMIN);
	err = apply(pw, bounds);
	if (err) {
		snprintf(why, room,
			 "privileges cannot be dropped (libcap-ng says %d)",
			 err);
		return -EPERM;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		err = -errno;
		snprintf(why, room, "no_new_privs cannot be set: %s",
			 strerror(-err));
		return err;
	}
	/* The change of ids has reset it. */
	prctl(PR_SET_DUMPABLE, 0);
	return 0;
}
