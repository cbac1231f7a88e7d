// SPDX-License-Identifier: MIT
// The head before the body: pull, and HTTP_EVENT_HEAD.

#include <stdlib.h>

#include "harness.h"

#include "http/engine/event.h"

static http_id_t submit_pull(const char *url, bool notify) {
    http_request_args_t request = get(url);
    request.options.pull = true;
    request.options.notify = notify;
    http_id_t id = http_engine_submit(&request);
    CHECK(id != 0);
    return id;
}

// Reads to the end, waiting; returns how many bytes there were. *rest gets the rest of the result.
static size_t read_to_end(http_id_t id, http_result_t *rest, size_t size, int until) {
    static uint8_t buffer[HTTP_STREAM_BYTES];
    size_t received = 0;
    while (!http_engine_take(id, rest)) {
        if (until < 0) {
            http_engine_read_ahead(id, buffer, size);
        }
        need(http_engine_wait(id, LONG_MS) == HTTP_WAIT_READY, "bytes or the end");
        size_t len = http_engine_read(id, buffer, size, until);
        CHECK(len <= size);
        for (size_t i = 0; i < len && received % 4 == 0; i++) {
            size_t at = received + i;
            need(buffer[i] == (uint8_t)((at / 4) >> (24 - 8 * (at % 4))), "the right bytes");
        }
        received += len;
    }
    return received;
}

static void head_comes_while_the_body_does_not(void) {
    http_id_t id = submit_pull(page("/stall/body"), true);
    http_result_t head;
    CHECK_INT(http_engine_wait(0, LONG_MS), HTTP_WAIT_READY);
    CHECK_INT(next_done(), id);
    CHECK(http_engine_is_done(id));
    CHECK(http_engine_take(id, &head));
    CHECK(head.is_stream && head.id == id && head.status == 200 && head.field_count > 0 && head.url != NULL);
    CHECK(!http_engine_take(id, &head) && !http_engine_is_done(id));
    CHECK_INT(in_flight(), 1);
    CHECK_INT(http_engine_wait(0, 0), HTTP_WAIT_TIMEOUT); // no event any more, also with bytes
    http_engine_close(id);
    CHECK_INT(in_flight(), 0);
    CHECK_INT(http_engine_read(id, &head, 1, -1), 0);
    http_result_clear(&head);
}

static void bytes_come_in_order_however_they_are_read(void) {
    static const struct {
        size_t size;
        int until;
    } ways[] = { { 1, -1 }, { 1000, -1 }, { HTTP_STREAM_BYTES, -1 }, { 5000, 7 }, { HTTP_STREAM_BYTES, 0 } };
    for (size_t i = 0; i < LEN(ways); i++) {
        http_result_t head = { 0 };
        http_result_t rest = { 0 };
        http_id_t id = submit_pull(page("/bytes/300000"), false);
        head = finish(id);
        CHECK_INT(read_to_end(id, &rest, ways[i].size, ways[i].until), 300000);
        CHECK(rest.status == 200 && rest.id == 0 && rest.received == 300000 && rest.url == NULL && rest.body == NULL);
        CHECK_INT(in_flight(), 0);
        http_result_clear(&rest);
        http_result_clear(&head);
    }
}

static void reading_stops_behind_the_byte_that_was_named(void) {
    char buffer[20];
    http_id_t id = submit_pull(raw("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nab\n\ncde"), false);
    http_result_t result = finish(id);
    while (http_engine_readable(id) < 7) {
        http_engine_wait(0, 1);
    }
    CHECK_INT(http_engine_read(id, buffer, sizeof(buffer), '\n'), 3);
    CHECK_INT(http_engine_read(id, buffer, 2, '\n'), 1);
    CHECK_INT(http_engine_read(id, buffer, 2, '\n'), 2);
    CHECK_INT(http_engine_read(id, buffer, sizeof(buffer), '\n'), 1);
    CHECK(buffer[0] == 'e');
    http_engine_close(id);
    http_result_clear(&result);
}

// A buffer that was offered for one wait is not written to by the next.
static void buffer_is_used_by_one_wait_only(void) {
    static char buffer[100];
    http_id_t id = submit_pull(page("/stall/body"), false);
    http_result_t head = finish(id);
    while (http_engine_wait(id, 50) == HTTP_WAIT_READY) {
        http_engine_read(id, buffer, sizeof(buffer), -1);
    }
    http_engine_read_ahead(id, buffer, sizeof(buffer));
    CHECK_INT(http_engine_wait(id, 0), HTTP_WAIT_TIMEOUT);
    CHECK(request_of(id)->reader == NULL);
    http_engine_close(id);
    http_result_clear(&head);
}

static void response_without_a_body_is_whole_at_once(void) {
    http_result_t result = finish(submit_pull(raw("HTTP/1.1 204 Nothing\r\nA: 1\r\n\r\n"), false));
    CHECK(result.id == 0 && result.is_stream && result.status == 204);
    CHECK_TEXT(result.reason, "Nothing");
    CHECK_TEXT(field_of(&result, "a"), "1");
    CHECK_INT(in_flight(), 0);
    http_result_clear(&result);
}

static void failure_comes_after_the_head_and_the_bytes(void) {
    http_result_t rest = { 0 };
    http_id_t id = submit_pull(raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" "\0\0\0\0"), false);
    http_result_t head = finish(id);
    CHECK_INT(head.status, 200);
    read_to_end(id, &rest, 100, -1);
    CHECK(rest.status == CURLE_PARTIAL_FILE && rest.error != NULL);
    http_result_clear(&rest);
    http_result_clear(&head);
    head = finish(submit_pull(raw("nonsense"), false)); // it fails before its head
    CHECK(head.status < 100 && head.id == 0 && head.is_stream);
    http_result_clear(&head);
}

static void descriptor_is_readable_while_there_are_bytes_or_the_end(void) {
    char buffer[10];
    http_id_t id = submit_pull(raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"), false);
    http_result_t head = finish(id);
    http_result_t rest = { 0 };
    int fd = http_engine_stream_fd(id);
    CHECK_INT(fd > 0, HTTP_ENGINE_THREAD);
    if (fd > 0) {
        CHECK_INT(http_engine_stream_fd(id), fd);
        CHECK(readable(fd, LONG_MS));
        CHECK_INT(http_engine_read(id, buffer, 1, -1), 1);
        CHECK(readable(fd, 0));
        CHECK_INT(http_engine_read(id, buffer, 1, -1), 1);
        CHECK(readable(fd, LONG_MS)); // the end
        while (!http_engine_take(id, &rest)) {
            http_engine_wait(id, LONG_MS);
        }
        CHECK_INT(rest.fd, fd);
        CHECK(readable(fd, 0));
    } else {
        http_engine_close(id);
    }
    http_result_clear(&rest);
    http_result_clear(&head);
}

static void descriptor_that_was_asked_for_early_is_no_redirects(void) {
    http_id_t id = submit_pull(page_for("/to/302?/bytes/4"), false);
    int fd = http_engine_stream_fd(id);
    http_result_t head = finish(id);
    CHECK(head.history != NULL && head.history->fd == 0); // else it would be closed twice
    CHECK_INT(fd > 0, HTTP_ENGINE_THREAD);
    http_result_clear(&head);
    http_engine_close(id);
}

// A caller that wants no event gives it up. The stream goes on for who has the head.
static void cancel_leaves_a_stream_to_who_has_its_head(void) {
    char buffer[10];
    http_result_t rest = { 0 };
    http_id_t id = submit_pull(raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"), true);
    http_result_t head = finish(id);
    CHECK(!http_engine_cancel(id));
    while (http_engine_read(id, buffer, sizeof(buffer), -1) == 0) {
        http_engine_wait(id, LONG_MS);
    }
    while (!http_engine_take(id, &rest)) {
        http_engine_wait(id, LONG_MS);
    }
    CHECK_INT(http_engine_next(0).event, HTTP_EVENT_NONE);
    http_result_clear(&rest);
    http_result_clear(&head);
}

static void descriptor_is_not_readable_while_nothing_comes(void) {
    http_id_t id = submit_pull(page("/stall/headers"), false);
    CHECK_INT(http_engine_wait(id, 50), HTTP_WAIT_TIMEOUT);
    http_engine_cancel(id);
    id = submit_pull(page("/stall/body"), false);
    http_result_t head = finish(id);
    char buffer[1000];
    int fd = http_engine_stream_fd(id);
    while (http_engine_wait(id, 50) == HTTP_WAIT_READY) {
        http_engine_read(id, buffer, sizeof(buffer), -1);
    }
    CHECK(fd == 0 || !readable(fd, 0));
    int count = count_fds();
    http_engine_close(id);
    CHECK(count_fds() < count);
    http_result_clear(&head);
}

static void notice_is_still_owed_after_a_close(void) {
    http_id_t id = submit_pull(page("/bytes/100000"), true);
    http_result_t head = finish(id);
    http_engine_close(id);
    CHECK_INT(in_flight(), 0);
    CHECK_INT(next_done(), id);
    CHECK_INT(http_engine_next(0).event, HTTP_EVENT_NONE);
    http_result_clear(&head);
}

static void head_event_comes_first_and_the_result_has_the_rest(void) {
    http_request_args_t request = get(page_for("/to/302?/bytes/200000"));
    request.options.head = true;
    request.options.progress = true;
    http_result_t head = { 0 };
    http_result_t rest = { 0 };
    http_id_t id = http_engine_submit(&request);
    http_next_t next;
    do {
        CHECK_INT(http_engine_wait(0, LONG_MS), HTTP_WAIT_READY);
        next = http_engine_next(0);
    } while (next.event == HTTP_EVENT_NONE);
    CHECK_INT(next.event, HTTP_EVENT_HEAD);
    CHECK_INT(next.id, id);
    CHECK(http_engine_take_head(id, &head));
    CHECK(!http_engine_take_head(id, &head));
    CHECK(head.status == 200 && head.body == NULL && !head.is_stream);
    CHECK(head.history != NULL && head.history->status == 302 && head.history->history == NULL);
    CHECK(head.history != NULL && field_of(head.history, "location") != NULL && head.history->url != NULL);
    do {
        http_engine_wait(0, LONG_MS);
        next = http_engine_next(0);
    } while (next.event != HTTP_EVENT_DONE);
    CHECK(http_engine_take(id, &rest));
    CHECK(rest.status == 200 && rest.body_len == 200000 && rest.url == NULL && rest.fields == NULL && rest.history == NULL);
    http_result_clear(&head);
    http_result_clear(&rest);
}

static void slots_of_streams_that_were_read_come_back_when_all_are_used(void) {
    http_id_t ids[HTTP_ENGINE_SLOTS];
    char buffer[100];
    for (int i = 0; i < HTTP_ENGINE_SLOTS; i++) {
        ids[i] = submit_pull(page("/bytes/4"), false);
        http_result_t head = finish(ids[i]);
        CHECK(!http_engine_lacks_slots());
        http_engine_wait(ids[i], LONG_MS);
        CHECK_INT(http_engine_read(ids[i], buffer, sizeof(buffer), -1), 4);
        http_result_clear(&head);
    }
    http_engine_wait(ids[0], LONG_MS); // the last one may not have ended yet
    CHECK(!http_engine_lacks_slots());
    http_engine_cancel_all();
}

const test_t heads_tests[] = {
    TEST(head_comes_while_the_body_does_not),
    TEST(bytes_come_in_order_however_they_are_read),
    TEST(reading_stops_behind_the_byte_that_was_named),
    TEST(buffer_is_used_by_one_wait_only),
    TEST(response_without_a_body_is_whole_at_once),
    TEST(failure_comes_after_the_head_and_the_bytes),
    TEST(descriptor_is_readable_while_there_are_bytes_or_the_end),
    TEST(descriptor_that_was_asked_for_early_is_no_redirects),
    TEST(cancel_leaves_a_stream_to_who_has_its_head),
    TEST(descriptor_is_not_readable_while_nothing_comes),
    TEST(notice_is_still_owed_after_a_close),
    TEST(head_event_comes_first_and_the_result_has_the_rest),
    TEST(slots_of_streams_that_were_read_come_back_when_all_are_used),
    { NULL, NULL },
};
