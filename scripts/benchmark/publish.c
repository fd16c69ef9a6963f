/* Publishes the lines of a file to ingest as fast as it takes them, and reads every receipt.
 *
 * usage: publish [-t dealer|push] [-k LINES] [-o LINES] [-n LINES] [-w SECONDS] ENDPOINT FILE
 *   -t  dealer: messages with receipts, to ingest's receipts port (default); push: without, to its responses port
 *   -k  lines joined into one message, default 1
 *   -o  lines that may wait for their receipt, default 16384; sending pauses there
 *   -n  at most so many lines of the file
 *   -w  give up when no receipt came for so long, default 30
 *
 * Prints one JSON object. Exit status: 0 every line was sent and, for dealer, has its receipt, none "unavailable";
 * 1 the file or the endpoint is wrong; 2 wrong usage; 3 receipts are missing or said "unavailable". */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

/* Sends between two looks for receipts: often enough that they never pile up in the socket. */
enum { sends_between_reads = 64 };

struct receipts {
    long replies, accepted, duplicate, rejected, unavailable;
};

static long decided(const struct receipts *r) { return r->accepted + r->duplicate + r->rejected + r->unavailable; }

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

/* A receipt says "status":"…"; inside a JSON string the quotes would be escaped, so nothing else can look like it. */
static void count(struct receipts *r, const char *text, size_t length) {
    static const char key[] = "\"status\":\"";
    const char *end = text + length, *found;
    r->replies++;
    while ((found = memmem(text, end - text, key, sizeof key - 1))) {
        text = found + sizeof key - 1;
        switch (text < end ? *text : 0) {
        case 'a': r->accepted++; break;
        case 'd': r->duplicate++; break;
        case 'r': r->rejected++; break;
        default: r->unavailable++; break;
        }
    }
}

/* Reads what is there; waits for the first reply for at most wait_ms. Returns 0 when nothing came in that time. */
static int read_receipts(void *socket, struct receipts *r, long wait_ms) {
    if (wait_ms) {
        zmq_pollitem_t item = {socket, 0, ZMQ_POLLIN, 0};
        if (zmq_poll(&item, 1, wait_ms) <= 0) return 0;
    }
    int any = 0;
    zmq_msg_t message;
    zmq_msg_init(&message);
    while (zmq_msg_recv(&message, socket, ZMQ_DONTWAIT) >= 0) {
        count(r, zmq_msg_data(&message), zmq_msg_size(&message));
        any = 1;
    }
    zmq_msg_close(&message);
    return any;
}

int main(int argc, char **argv) {
    int type = ZMQ_DEALER, option;
    long per_message = 1, outstanding_max = 16384, lines_max = -1, wait_seconds = 30;
    while ((option = getopt(argc, argv, "t:k:o:n:w:")) != -1) {
        switch (option) {
        case 't': type = strcmp(optarg, "push") ? ZMQ_DEALER : ZMQ_PUSH; break;
        case 'k': per_message = atol(optarg); break;
        case 'o': outstanding_max = atol(optarg); break;
        case 'n': lines_max = atol(optarg); break;
        case 'w': wait_seconds = atol(optarg); break;
        default: return 2;
        }
    }
    if (argc - optind != 2 || per_message < 1 || outstanding_max < per_message) {
        fprintf(stderr, "usage: publish [-t dealer|push] [-k LINES] [-o LINES] [-n LINES] [-w SECONDS] ENDPOINT FILE\n");
        return 2;
    }
    int file = open(argv[optind + 1], O_RDONLY);
    struct stat status;
    if (file < 0 || fstat(file, &status)) return perror(argv[optind + 1]), 1;
    const char *at = mmap(0, status.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (at == MAP_FAILED) return perror("mmap"), 1;
    const char *end = at + status.st_size;

    void *context = zmq_ctx_new(), *socket = zmq_socket(context, type);
    /* With receipts the window bounds the queues; without, the high-water mark does. */
    int mark = type == ZMQ_DEALER ? 0 : (int)(outstanding_max / per_message), linger = -1, buffer = 1 << 22;
    zmq_setsockopt(socket, ZMQ_SNDHWM, &mark, sizeof mark);
    zmq_setsockopt(socket, ZMQ_RCVHWM, &mark, sizeof mark);
    zmq_setsockopt(socket, ZMQ_SNDBUF, &buffer, sizeof buffer);
    zmq_setsockopt(socket, ZMQ_RCVBUF, &buffer, sizeof buffer);
    if (type == ZMQ_DEALER) linger = 0;
    zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
    if (zmq_connect(socket, argv[optind])) return perror(argv[optind]), 1;

    struct receipts receipts = {0};
    long lines = 0, messages = 0;
    int missing = 0;
    double started = now();
    while (at < end && (lines_max < 0 || lines < lines_max) && !missing) {
        const char *next = at;
        long taken = 0;
        while (next < end && taken < per_message && (lines_max < 0 || lines + taken < lines_max)) {
            const char *newline = memchr(next, '\n', end - next);
            next = newline ? newline + 1 : end;
            taken++;
        }
        size_t length = next - at - (next[-1] == '\n');
        if (type == ZMQ_DEALER) {
            if (messages % sends_between_reads == 0) read_receipts(socket, &receipts, 0);
            while (lines + taken - decided(&receipts) > outstanding_max && !missing)
                missing = !read_receipts(socket, &receipts, wait_seconds * 1000);
        }
        zmq_msg_t message;
        zmq_msg_init_size(&message, length);
        memcpy(zmq_msg_data(&message), at, length);
        while (zmq_msg_send(&message, socket, 0) < 0)
            if (errno != EINTR) return perror("send"), 1;
        lines += taken;
        messages++;
        at = next;
    }
    double sent = now();
    while (type == ZMQ_DEALER && decided(&receipts) < lines && !missing)
        missing = !read_receipts(socket, &receipts, wait_seconds * 1000);
    double answered = now();
    zmq_close(socket);
    zmq_ctx_term(context);

    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double cpu = used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
    printf("{\"lines\":%ld,\"messages\":%ld,\"sendSeconds\":%.6f,\"answeredSeconds\":%.6f,\"cpuSeconds\":%.3f,"
           "\"startedAt\":%.6f,\"answeredAt\":%.6f,"
           "\"replies\":%ld,\"accepted\":%ld,\"duplicate\":%ld,\"rejected\":%ld,\"unavailable\":%ld}\n",
        lines, messages, sent - started, answered - started, cpu, started, answered,
        receipts.replies, receipts.accepted, receipts.duplicate, receipts.rejected, receipts.unavailable);
    return missing || receipts.unavailable ? 3 : 0;
}
