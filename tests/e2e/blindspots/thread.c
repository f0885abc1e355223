/* SPDX-License-Identifier: Apache-2.0 */
/* `thread FILE ARGV0 [ARG...]`: the exec of a thread that is not the leader. */
#include <pthread.h>

#include "blindspot.h"

static void *start_thread(void *argument)
{
	start(argument);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, start_thread, command(argc, argv, 0));
	if (errno)
		fail("pthread_create");
	pthread_join(thread, NULL); /* never returns: exec ends this thread */
	return FAILED;
}
