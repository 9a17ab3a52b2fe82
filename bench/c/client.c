/*
 * The reference client of the bench: what a reader of many event streams costs when nothing is in the way.
 *
 *   client PORT STREAMS EVENTS [STAMPS]
 *
 * epoll, one stamp a read (CLOCK_MONOTONIC before recv), events counted by their blank line with memchr. STAMPS gets the
 * instants of STREAMS x EVENTS events as doubles in microseconds, by stream. Prints what it used as one line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef struct {
  int fd, id, newline; /* the last byte was a newline */
  long seen;
  char end[7]; /* the last bytes: the end of the body is 0 CR LF CR LF */
} Stream;

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

static long cpu_us(void) {
  struct rusage use;
  getrusage(RUSAGE_SELF, &use);
  return (use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000000 + use.ru_utime.tv_usec + use.ru_stime.tv_usec;
}

static long resident_kb(void) {
  long pages = 0, skip;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL || fscanf(file, "%ld %ld", &skip, &pages) != 2) pages = 0;
  if (file != NULL) fclose(file);
  return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Time that this process was ready to run and had no core. */
static long waited_us(void) {
  long long ran, waited = 0;
  FILE *file = fopen("/proc/self/schedstat", "r");
  if (file == NULL || fscanf(file, "%lld %lld", &ran, &waited) != 2) waited = 0;
  if (file != NULL) fclose(file);
  return waited / 1000;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  int port = atoi(argv[1]), streams = atoi(argv[2]);
  long events = atol(argv[3]);
  double *stamps = argc > 4 ? malloc(sizeof(double) * streams * events) : NULL;
  Stream *all = calloc(streams, sizeof(Stream));
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  long before_kb = resident_kb();
  double begun_us = now_us();
  int epoll_fd = epoll_create1(0), yes = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port)};
  for (int id = 0; id < streams; id++) {
    char body[64], request[512];
    Stream *s = &all[id];
    s->id = id;
    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (s->fd < 0 || connect(s->fd, (struct sockaddr *)&address, sizeof address) != 0) die("connect");
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    int length = sprintf(body, "{\"id\":%d}", id);
    int size = sprintf(request, "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s", length, body);
    if (send(s->fd, request, size, 0) != size) die("send");
    fcntl(s->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = s};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, s->fd, &event);
  }
  static char buffer[65536];
  struct epoll_event ready[1024];
  long total = 0;
  for (int open = streams; open > 0;) {
    int count = epoll_wait(epoll_fd, ready, 1024, -1);
    for (int k = 0; k < count; k++) {
      Stream *s = ready[k].data.ptr;
      double at = now_us();
      ssize_t n = recv(s->fd, buffer, sizeof buffer, 0);
      if (n < 0 && errno == EAGAIN) continue;
      if (n <= 0) {
        fprintf(stderr, "a stream broke\n");
        return 1;
      }
      char *from = buffer, *end = buffer + n;
      if (s->newline && *from == '\n') {
        if (stamps != NULL && s->seen < events) stamps[s->id * events + s->seen] = at;
        s->seen++;
      }
      while ((from = memchr(from, '\n', end - from)) != NULL) {
        if (++from == end) break;
        if (*from != '\n') continue;
        if (stamps != NULL && s->seen < events) stamps[s->id * events + s->seen] = at;
        s->seen++;
        from++;
      }
      s->newline = end[-1] == '\n';
      int keep = n < 7 ? (int)n : 7;
      memmove(s->end, s->end + keep, 7 - keep);
      memcpy(s->end + 7 - keep, end - keep, keep);
      if (memcmp(s->end, "\r\n0\r\n\r\n", 7) != 0) continue;
      /* The finish reason and [DONE] are events too, and not counted. */
      total += s->seen - 2;
      epoll_ctl(epoll_fd, EPOLL_CTL_DEL, s->fd, NULL);
      open--;
    }
  }
  long used_us = cpu_us(), after_kb = resident_kb();
  double waited = waited_us() / (now_us() - begun_us);
  if (stamps != NULL) {
    FILE *file = fopen(argv[4], "wb");
    if (file == NULL) die(argv[4]);
    fwrite(stamps, sizeof(double), streams * events, file);
    fclose(file);
  }
  printf("{\"events\":%ld,\"cpu_us\":%ld,\"rss_before_kb\":%ld,\"rss_peak_kb\":%ld,\"waited\":%.4f}\n", total, used_us,
         before_kb, after_kb, waited);
}
