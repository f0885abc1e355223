/* SPDX-License-Identifier: Apache-2.0 */
/* The epoll loop of loop.h. */
#include "loop.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

static int open_timer(unsigned tick_ms)
{
	uint64_t ns = tick_ms * NS_PER_MS;
	struct timespec every = {.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S};
	struct itimerspec timer = {.it_interval = every, .it_value = every};
	CLEANUP_FD int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0 || timerfd_settime(fd, 0, &timer, NULL) < 0)
		return -errno;
	return TAKE_FD(fd);
}

static int watch_fd(int epoll_fd, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : -errno;
}

static int timeout_of(enum loop_next next)
{
	switch (next) {
	case LOOP_AGAIN:
		return 0;
	case LOOP_SOON:
		return LOOP_SOON_MS;
	default:
		return -1;
	}
}

/* Waits for something, unless NEXT says that there is work. The number of a signal that came. */
static int wait_for_work(enum loop_next next, int epoll_fd, int timer_fd, int signal_fd)
{
	struct epoll_event events[LOOP_FDS_MAX + 2];
	int count = epoll_wait(epoll_fd, events, ARRAY_SIZE(events), timeout_of(next));

	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < count; i++) {
		struct signalfd_siginfo signal;
		uint64_t expirations;

		if (events[i].data.fd == signal_fd) { /* taken, so that it is not delivered later */
			if (read(signal_fd, &signal, sizeof(signal)) == sizeof(signal))
				return signal.ssi_signo;
		}
		if (events[i].data.fd == timer_fd)
			(void)!read(timer_fd, &expirations, sizeof(expirations));
	}
	return 0;
}

static int loop_until_stopped(const struct loop_config *config, const sigset_t *signals)
{
	CLEANUP_FD int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	CLEANUP_FD int signal_fd = signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
	CLEANUP_FD int timer_fd = open_timer(config->tick_ms);
	int next = LOOP_WAIT, r;

	if (epoll_fd < 0 || signal_fd < 0)
		return -errno;
	if (timer_fd < 0)
		return timer_fd;
	r = watch_fd(epoll_fd, signal_fd);
	if (r == 0)
		r = watch_fd(epoll_fd, timer_fd);
	for (size_t i = 0; r == 0 && i < LOOP_FDS_MAX && config->fds[i] >= 0; i++)
		r = watch_fd(epoll_fd, config->fds[i]);
	while (r == 0 && next != LOOP_STOP) {
		r = wait_for_work(next, epoll_fd, timer_fd, signal_fd);
		if (r == SIGHUP) {
			config->on_hangup(config->userdata);
			r = 0;
		}
		if (r != 0)
			break;
		next = config->on_tick(config->userdata);
		r = next < 0 ? next : 0;
	}
	return r;
}

int loop_run(const struct loop_config *config)
{
	sigset_t signals, before;
	int r;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	if (config->on_hangup)
		sigaddset(&signals, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &signals, &before) < 0)
		return -errno;
	r = loop_until_stopped(config, &signals);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}
