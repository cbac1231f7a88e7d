// SPDX-License-Identifier: MIT
// The dates of the module time, as the SDK documents them: tuples of eight numbers, strftime() and strptime(), on
// the functions of the C library. Where the documents are silent, CPython is the model.

#define _GNU_SOURCE // strptime(), timegm(), tm_gmtoff

#include <math.h>
#include <string.h>
#include <time.h>

#include "py/objtuple.h"
#include "py/runtime.h"

// More than any conversion gives, and four of the longest ones in a row.
#define STRFTIME_BYTES_A_CHARACTER (64)
#define STRPTIME_DEFAULT "%a %b %d %H:%M:%S %Y"

// (year, month, mday, hour, minute, second, weekday, yearday), and dst in the tuples of CPython.
enum { YEAR, MONTH, MDAY, HOUR, MINUTE, SECOND, WEEKDAY, YEARDAY, DST, ENTRIES };

static mp_obj_t new_time_tuple(const struct tm *tm) {
    mp_obj_t items[] = {
        mp_obj_new_int(tm->tm_year + 1900),
        MP_OBJ_NEW_SMALL_INT(tm->tm_mon + 1),
        MP_OBJ_NEW_SMALL_INT(tm->tm_mday),
        MP_OBJ_NEW_SMALL_INT(tm->tm_hour),
        MP_OBJ_NEW_SMALL_INT(tm->tm_min),
        MP_OBJ_NEW_SMALL_INT(tm->tm_sec),
        MP_OBJ_NEW_SMALL_INT((tm->tm_wday + 6) % 7), // Monday is 0
        MP_OBJ_NEW_SMALL_INT(tm->tm_yday + 1),
    };
    return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
}

static mp_obj_t time_tuple_at(size_t n_args, const mp_obj_t *args, struct tm *(*convert)(const time_t *, struct tm *)) {
    time_t seconds = time(NULL);
    if (n_args > 0 && args[0] != mp_const_none) {
        mp_float_t value;
        if (!mp_obj_get_float_maybe(args[0], &value)) {
            mp_raise_TypeError(MP_ERROR_TEXT("secs must be an int or a float"));
        }
        value = MICROPY_FLOAT_C_FUN(floor)(value);
        // A double has no more exact integers than these. It also excludes what is no number.
        if (!(MICROPY_FLOAT_C_FUN(fabs)(value) < (mp_float_t)(1LL << 53))) {
            mp_raise_msg(&mp_type_OverflowError, MP_ERROR_TEXT("secs is out of range"));
        }
        seconds = (time_t)value;
    }
    struct tm tm;
    tzset(); // the app may have set another time zone
    if (convert(&seconds, &tm) == NULL) {
        mp_raise_msg(&mp_type_OverflowError, MP_ERROR_TEXT("secs is out of range"));
    }
    return new_time_tuple(&tm);
}

static mp_obj_t sdk_time_gmtime(size_t n_args, const mp_obj_t *args) {
    return time_tuple_at(n_args, args, gmtime_r);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(sdk_time_gmtime_obj, 0, 1, sdk_time_gmtime);

static mp_obj_t sdk_time_localtime(size_t n_args, const mp_obj_t *args) {
    return time_tuple_at(n_args, args, localtime_r);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(sdk_time_localtime_obj, 0, 1, sdk_time_localtime);

// The numbers of a time tuple, in the units of struct tm.
static struct tm get_time_tuple(mp_obj_t tuple) {
    size_t len;
    mp_obj_t *items;
    mp_obj_get_array(tuple, &len, &items);
    if (len != ENTRIES && len != ENTRIES - 1) {
        mp_raise_TypeError(MP_ERROR_TEXT("time_tuple must have 8 or 9 entries"));
    }
    int numbers[ENTRIES] = { [DST] = -1 }; // -1: the time zone decides
    for (size_t i = 0; i < len; i++) {
        mp_int_t number = mp_obj_get_int(items[i]);
        if (number < -1000000000 || number > 1000000000) {
            mp_raise_msg(&mp_type_OverflowError, MP_ERROR_TEXT("time_tuple: a number is out of range"));
        }
        numbers[i] = number;
    }
    return (struct tm) {
               .tm_year = numbers[YEAR] - 1900,
               .tm_mon = numbers[MONTH] - 1,
               .tm_mday = numbers[MDAY],
               .tm_hour = numbers[HOUR],
               .tm_min = numbers[MINUTE],
               .tm_sec = numbers[SECOND],
               .tm_wday = (numbers[WEEKDAY] + 1) % 7,
               .tm_yday = numbers[YEARDAY] - 1,
               .tm_isdst = numbers[DST],
    };
}

static mp_obj_t sdk_time_mktime(mp_obj_t tuple) {
    struct tm tm = get_time_tuple(tuple);
    tm.tm_wday = -1; // after success it is a weekday; the result -1 is a time like others
    time_t seconds = mktime(&tm);
    if (tm.tm_wday < 0) {
        mp_raise_msg(&mp_type_OverflowError, MP_ERROR_TEXT("time_tuple is out of range"));
    }
    return mp_obj_new_int_from_ll(seconds);
}
MP_DEFINE_CONST_FUN_OBJ_1(sdk_time_mktime_obj, sdk_time_mktime);

// Zero stands for the first month and the first day, as in CPython.
static void check_time_tuple(struct tm *tm) {
    tm->tm_mon += tm->tm_mon == -1;
    tm->tm_mday += tm->tm_mday == 0;
    tm->tm_yday += tm->tm_yday == -1;
    const struct { int number, least, most;
                   const char *name;
    } entries[] = {
        { tm->tm_mon, 0, 11, "month" },
        { tm->tm_mday, 1, 31, "mday" },
        { tm->tm_hour, 0, 23, "hour" },
        { tm->tm_min, 0, 59, "minute" },
        { tm->tm_sec, 0, 61, "second" },
        { tm->tm_wday, 0, 6, "weekday" },
        { tm->tm_yday, 0, 365, "yearday" },
    };
    for (size_t i = 0; i < MP_ARRAY_SIZE(entries); i++) {
        if (entries[i].number < entries[i].least || entries[i].number > entries[i].most) {
            mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("time_tuple: %s is out of range"), entries[i].name);
        }
    }
}

static const char *get_c_string(mp_obj_t str, const char *name) {
    size_t len;
    const char *text = mp_obj_str_get_data(str, &len);
    if (strlen(text) != len) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("%s has a NUL in it"), name);
    }
    return text;
}

static mp_obj_t sdk_time_strftime(size_t n_args, const mp_obj_t *args) {
    const char *format = get_c_string(args[0], "fmt_string");
    tzset();
    struct tm tm;
    if (n_args > 1) {
        tm = get_time_tuple(args[1]);
        check_time_tuple(&tm);
        // For %Z and %z: the tuple does not say what its time zone is.
        struct tm local = tm;
        mktime(&local);
        tm.tm_isdst = local.tm_isdst;
        tm.tm_gmtoff = local.tm_gmtoff;
        tm.tm_zone = local.tm_zone;
    } else {
        time_t now = time(NULL);
        localtime_r(&now, &tm);
    }
    size_t most = 1 + STRFTIME_BYTES_A_CHARACTER * strlen(format);
    vstr_t text;
    vstr_init(&text, most);
    text.len = strftime(text.buf, most, format, &tm);
    // musl gives nothing at all when it does not know a conversion.
    if (text.len == 0 && *format != '\0') {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("fmt_string: '%s' gives no text"), format);
    }
    return mp_obj_new_str_from_vstr(&text);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(sdk_time_strftime_obj, 1, 2, sdk_time_strftime);

static mp_obj_t sdk_time_strptime(size_t n_args, const mp_obj_t *args) {
    const char *text = get_c_string(args[0], "time_string");
    const char *format = n_args > 1 ? get_c_string(args[1], "format") : STRPTIME_DEFAULT;
    // What the text does not say is that of 1900-01-01 00:00:00. -1: what it does not say, and what glibc, unlike
    // musl, may have computed.
    struct tm tm = { .tm_mday = 1, .tm_wday = -1, .tm_yday = -1 };
    const char *rest = strptime(text, format, &tm);
    if (rest == NULL) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("time_string '%s' does not match format '%s'"), text, format);
    }
    if (*rest != '\0') {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("time_string: '%s' is more than format '%s'"), rest, format);
    }
    // Either of the month's day and the year's day may be all that the text says.
    struct tm day = { .tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = tm.tm_mday };
    if (tm.tm_yday >= 0) {
        day.tm_mon = 0;
        day.tm_mday = 1 + tm.tm_yday;
    }
    timegm(&day);
    bool first = tm.tm_mon == 0 && tm.tm_mday == 1;
    if (!first && (day.tm_mon != tm.tm_mon || day.tm_mday != tm.tm_mday)) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("time_string: there is no such day as '%s'"), text);
    }
    day.tm_hour = tm.tm_hour;
    day.tm_min = tm.tm_min;
    day.tm_sec = tm.tm_sec;
    if (tm.tm_wday >= 0) {
        day.tm_wday = tm.tm_wday;
    }
    return new_time_tuple(&day);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(sdk_time_strptime_obj, 1, 2, sdk_time_strptime);
