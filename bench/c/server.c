/*
 * The load server of the bench: HTTP/1.1, chunked server-sent events, one thread, epoll.
 *
 *   server flood   STREAMS EVENTS            as fast as the socket takes it, blocks of about 64 KiB
 *   server paced   STREAMS EVENTS RATE GROUPS LOG   RATE events/s a stream; GROUPS 0: independent phases, else that many
 *                                            groups whose streams are written back to back
 *   server answer  0 EVENTS                  answers every request at once with a short stream, for ever
 *
 * Flood and paced begin when STREAMS requests have come. A paced server writes down CLOCK_MONOTONIC right before each
 * write, and LOG gets those instants: STREAMS x EVENTS doubles in microseconds, by the "id" of the request body (else in
 * the order of arrival). It sleeps in epoll_wait on a timerfd: a server that spins starves the kernel's softirq thread and fakes errors of
 * milliseconds at the client. Prints its port; ends when its standard input does.
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
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { WORDS = 32, BLOCK_EVENTS = 256, HEAD_ROOM = 16384, MAX_FD = 1 << 20 };

static const char *HEAD =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
static const char *MODELS = "{\"object\":\"list\",\"data\":[{\"id\":\"bench\",\"object\":\"model\"}]}";
static const char *WORD[WORDS] = {
    " the",     " of",      "ing",     " server", ",",       " and",    " a",       "\\n\\n",
    " measure", " token",   " latency", ".",      " when",    " it",     " is",      " caf\\u00e9",
    " \\\"so", " called\\\"", " rate",  " first",  " each",    " slow",   "s",        " request",
    " one",     " \xc3\xbc" "ber", " queue", " in", " time",   " to",     " answer",  "!"};

/** What is known of a connection, by its descriptor. */
typedef struct {
  char *in;      /* an unfinished request */
  int in_len;
  int id;        /* of the request in progress, or -1 */
  long sent;     /* events wholly in `block` positions, flood */
  size_t offset; /* into what is being written */
  int begun, tail, done;
  char *block, *end; /* `block` and `tail_text` with the id of its own, flood */
} Conn;

static Conn *conns;
static int mode, streams, events, groups, epoll_fd, timer_fd;
static double rate;
static const char *log_path;
static int *fd_of;
static int asked, finished, running;
static char *event_text[WORDS];
static int event_len[WORDS];
static char *block;
static size_t block_at[BLOCK_EVENTS + 1];
static char tail_text[4096];
static int tail_len;
static char answer_text[65536];
static int answer_len;
static double *written_us;
/* As servers do it: each answer has an id, which stands in each of its events. */
static const char *ANY_ID = "0123456789abcdef";
static int64_t begin_ns, next_tick;

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int chunk(char *to, const char *data) {
  return sprintf(to, "%zx\r\n%s\r\n", strlen(data), data);
}

/** Puts the id of stream `id` into every event of a text. */
static void sign(char *text, size_t size, int id) {
  char own[17];
  sprintf(own, "%016llx", (id + 1) * 0x9e3779b97f4a7c15ULL);
  for (char *at = text; (at = memmem(at, text + size - at, ANY_ID, 16)) != NULL; at += 16) memcpy(at, own, 16);
}

static char *signed_copy(const char *text, size_t size, int id) {
  char *copy = malloc(size);
  memcpy(copy, text, size);
  sign(copy, size, id);
  return copy;
}

static void make_texts(void) {
  static const char *OPEN =
      "data: {\"id\":\"chatcmpl-0123456789abcdef\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,"
      "\"model\":\"bench\",\"choices\":[{\"index\":0,\"delta\":{";
  char data[1024];
  for (int w = 0; w < WORDS; w++) {
    sprintf(data, "%s\"content\":\"%s\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n", OPEN, WORD[w]);
    event_text[w] = malloc(1100);
    event_len[w] = chunk(event_text[w], data);
  }
  block = malloc(BLOCK_EVENTS * 400);
  size_t at = 0;
  for (int k = 0; k < BLOCK_EVENTS; k++) {
    block_at[k] = at;
    memcpy(block + at, event_text[(k * 7) % WORDS], event_len[(k * 7) % WORDS]);
    at += event_len[(k * 7) % WORDS];
  }
  block_at[BLOCK_EVENTS] = at;
  sprintf(data, "%s},\"logprobs\":null,\"finish_reason\":\"stop\"}]}\n\n", OPEN);
  tail_len = chunk(tail_text, data);
  tail_len += chunk(tail_text + tail_len, "data: [DONE]\n\n");
  tail_len += sprintf(tail_text + tail_len, "0\r\n\r\n");
  if (mode != 'a') return;
  if (events > 200) events = 200;
  answer_len = sprintf(answer_text, "%s", HEAD);
  for (int k = 0; k < events; k++) {
    memcpy(answer_text + answer_len, event_text[k % WORDS], event_len[k % WORDS]);
    answer_len += event_len[k % WORDS];
  }
  memcpy(answer_text + answer_len, tail_text, tail_len);
  answer_len += tail_len;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void watch(int fd, uint32_t wanted, int op) {
  struct epoll_event event = {.events = wanted, .data.fd = fd};
  if (epoll_ctl(epoll_fd, op, fd, &event) != 0) die("epoll_ctl");
}

static void drop(int fd) {
  free(conns[fd].in);
  free(conns[fd].block);
  free(conns[fd].end);
  memset(&conns[fd], 0, sizeof(Conn));
  conns[fd].id = -1;
  close(fd);
}

/** Small writes to a socket with free buffer space: an error means that the client was blocked for seconds. */
static void send_all(int fd, const char *data, size_t size) {
  ssize_t n = send(fd, data, size, MSG_NOSIGNAL);
  if (n == (ssize_t)size) return;
  if (n < 0 && (errno == EPIPE || errno == ECONNRESET)) return;
  fprintf(stderr, "the client does not read: %zd of %zu bytes taken\n", n, size);
  exit(1);
}

static void finish(int fd) {
  conns[fd].done = 1;
  conns[fd].begun = 0;
  finished++;
}

/** Flood: writes until the socket is full. */
static void pour(int fd) {
  Conn *c = &conns[fd];
  while (!c->done) {
    const char *from;
    size_t size;
    int whole = 0;
    if (c->tail) {
      from = c->end;
      size = tail_len;
    } else {
      long left = events - c->sent;
      whole = left < BLOCK_EVENTS ? (int)left : BLOCK_EVENTS;
      from = c->block;
      size = block_at[whole];
    }
    ssize_t n = send(fd, from + c->offset, size - c->offset, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EAGAIN) return;
      finish(fd);
      return;
    }
    c->offset += n;
    if (c->offset < size) return;
    c->offset = 0;
    if (c->tail) {
      finish(fd);
      watch(fd, EPOLLIN, EPOLL_CTL_MOD);
    } else {
      c->sent += whole;
      if (c->sent == events) c->tail = 1;
    }
  }
}

/** The instant of step k of the schedule; a step is one stream's, or one group's, next event. */
static int64_t due_ns(int64_t k) {
  int per_period = groups > 0 ? groups : streams;
  return begin_ns + (int64_t)((double)k / per_period * 1e9 / rate);
}

static void arm(void) {
  int64_t at = due_ns(next_tick);
  struct itimerspec spec = {.it_value = {at / 1000000000, at % 1000000000}};
  timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

static void write_event(int id, int j) {
  int w = (id * 5 + j * 7) % WORDS, fd = fd_of[id];
  char event[2048], end[sizeof tail_text];
  memcpy(event, event_text[w], event_len[w]);
  sign(event, event_len[w], id);
  memcpy(end, tail_text, tail_len);
  if (j + 1 == events) sign(end, tail_len, id);
  written_us[(size_t)id * events + j] = now_ns() / 1000.0;
  send_all(fd, event, event_len[w]);
  if (j + 1 < events) return;
  send_all(fd, end, tail_len);
  finish(fd);
}

static void tick(void) {
  int per_period = groups > 0 ? groups : streams;
  int64_t last = (int64_t)per_period * events;
  while (next_tick < last && due_ns(next_tick) <= now_ns()) {
    int slot = next_tick % per_period, j = (int)(next_tick / per_period);
    if (groups == 0) write_event(slot, j);
    else
      for (int id = slot; id < streams; id += groups) write_event(id, j);
    next_tick++;
  }
  if (next_tick < last) arm();
}

static void begin(void) {
  running = 1;
  if (mode == 'p') {
    begin_ns = now_ns() + 100000000;
    arm();
    return;
  }
  for (int id = 0; id < streams; id++) {
    Conn *c = &conns[fd_of[id]];
    c->block = signed_copy(block, block_at[BLOCK_EVENTS], id);
    c->end = signed_copy(tail_text, tail_len, id);
  }
  for (int id = 0; id < streams; id++) {
    watch(fd_of[id], EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
    pour(fd_of[id]);
  }
}

/** One request is whole. */
static void serve(int fd, const char *request, const char *body) {
  if (strncmp(request, "GET", 3) == 0) {
    char text[512];
    int size = sprintf(text, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n\r\n%s",
                       strlen(MODELS), MODELS);
    send_all(fd, text, size);
    return;
  }
  if (mode == 'a') {
    send_all(fd, answer_text, answer_len);
    return;
  }
  const char *mark = strstr(body, "\"id\":");
  int id = mark == NULL ? asked : atoi(mark + 5);
  if (id < 0 || id >= streams || running) {
    fprintf(stderr, "a request too many\n");
    exit(1);
  }
  conns[fd].id = id;
  conns[fd].begun = 1;
  fd_of[id] = fd;
  send_all(fd, HEAD, strlen(HEAD));
  if (++asked == streams) begin();
}

static void take(int fd) {
  Conn *c = &conns[fd];
  if (c->in == NULL) c->in = malloc(HEAD_ROOM);
  ssize_t n = recv(fd, c->in + c->in_len, HEAD_ROOM - 1 - c->in_len, 0);
  if (n <= 0) {
    if (n < 0 && errno == EAGAIN) return;
    if (c->begun) finished++;
    drop(fd);
    return;
  }
  c->in_len += n;
  c->in[c->in_len] = 0;
  char *head_end = strstr(c->in, "\r\n\r\n");
  if (head_end == NULL) {
    if (c->in_len >= HEAD_ROOM - 1) drop(fd);
    return;
  }
  char *field = strcasestr(c->in, "\r\ncontent-length:");
  int length = field != NULL && field < head_end ? atoi(field + 17) : 0;
  int head = (int)(head_end - c->in) + 4;
  if (head + length >= HEAD_ROOM) {
    fprintf(stderr, "a request of more than %d bytes\n", HEAD_ROOM);
    exit(1);
  }
  if (c->in_len < head + length) return;
  c->in_len = 0;
  serve(fd, c->in, c->in + head);
}

static void write_log(void) {
  if (log_path == NULL || mode != 'p') return;
  FILE *file = fopen(log_path, "wb");
  if (file == NULL) die(log_path);
  fwrite(written_us, sizeof(double), (size_t)streams * events, file);
  fclose(file);
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  mode = argv[1][0];
  streams = atoi(argv[2]);
  events = atoi(argv[3]);
  rate = argc > 4 ? atof(argv[4]) : 1;
  groups = argc > 5 ? atoi(argv[5]) : 0;
  log_path = argc > 6 ? argv[6] : NULL;
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  prctl(PR_SET_TIMERSLACK, 1);
  conns = calloc(MAX_FD, sizeof(Conn));
  fd_of = calloc(streams + 1, sizeof(int));
  if (mode == 'p') written_us = calloc((size_t)streams * events, sizeof(double));
  make_texts();

  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 4096) != 0) die("listen");
  getsockname(listener, (struct sockaddr *)&address, &size);
  epoll_fd = epoll_create1(0);
  timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  watch(listener, EPOLLIN, EPOLL_CTL_ADD);
  watch(timer_fd, EPOLLIN, EPOLL_CTL_ADD);
  watch(0, EPOLLIN, EPOLL_CTL_ADD);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);

  struct epoll_event ready[256];
  for (;;) {
    int count = epoll_wait(epoll_fd, ready, 256, -1);
    for (int k = 0; k < count; k++) {
      int fd = ready[k].data.fd;
      uint64_t ticks;
      if (fd == listener) {
        for (int peer; (peer = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
          setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
          conns[peer].id = -1;
          watch(peer, EPOLLIN, EPOLL_CTL_ADD);
        }
      } else if (fd == timer_fd) {
        if (read(timer_fd, &ticks, sizeof ticks) > 0) tick();
      } else if (fd == 0) {
        char byte;
        if (read(0, &byte, 1) > 0) continue;
        write_log();
        return 0;
      } else {
        if (ready[k].events & EPOLLOUT) pour(fd);
        if (ready[k].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) take(fd);
      }
    }
  }
}
