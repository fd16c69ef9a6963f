#ifndef TIDELINE_CZMQ_SHIM_H
#define TIDELINE_CZMQ_SHIM_H

#include <pthread.h>
#include <sys/eventfd.h>
#include <zmq.h>

// glibc shows this only under _GNU_SOURCE, which a module map cannot define.
extern int pthread_setname_np(pthread_t thread, const char *name);

#endif
