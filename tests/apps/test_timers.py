# SPDX-License-Identifier: MIT
"""The stand-in for the vendor's wakeup module."""

import pytest
from support.program import Program


def test_timers_fire_in_the_order_of_their_times_and_not_before(run_app: Program) -> None:
    result = run_app("""
        from wakeup import Timer
        start = time.ticks_ms()
        fired = []
        def task(ms):
            return lambda: fired.append((ms, time.ticks_diff(time.ticks_ms(), start)))
        def end():
            show(*fired)
        timers = [Timer(task(ms), ms) for ms in (60, 0, 120, 30, 90)]
        timers.append(Timer(end, 150))
        """)
    assert [ms for ms, _ in result.shown] == [0, 30, 60, 90, 120]
    assert all(ms <= at for ms, at in result.shown)


def test_nothing_fires_while_the_app_computes(run_app: Program) -> None:
    assert run_app("""
        from wakeup import Timer
        fired = []
        timer = Timer(lambda: fired.append(1), 0)
        compute(0.1)
        time.sleep_ms(50)
        show(len(fired))
        end = Timer(lambda: show(len(fired)), 10)
        """).ok().lines == [(0,), (1,)]


def test_the_app_ends_when_no_timer_is_left(run_app: Program) -> None:
    result = run_app("from wakeup import Timer\ntimer = Timer(lambda: show('done'), 200)\n")
    assert result.shown == ("done",)
    assert 0.2 <= result.seconds < 20


def test_repeating_timer_keeps_its_grid_and_leaves_out_what_it_missed(run_app: Program) -> None:
    result = run_app("""
        from wakeup import Timer
        start = time.ticks_ms()
        fired = []
        def task():
            fired.append(time.ticks_diff(time.ticks_ms(), start))
            if len(fired) == 2:
                time.sleep_ms(470)
            if len(fired) == 9:
                timer.cancel()
                show(*fired)
        timer = Timer(task, 100, repeat_ms=100)
        """)
    # The times are 100, 200 (until 670), 670 for the timer of 300, then 700, 800 and so on.
    fired = result.shown
    turns = [at // 100 for at in fired]
    assert turns == sorted(set(turns)), fired  # no timer fired early, and missed times did not fire later
    # No drift: a timer that counts from its last call would fire at 70 of each hundred from 670 on. A
    # busy machine may make a timer late, but not in most turns.
    assert sum(at % 100 < 60 for at in fired[3:]) > len(fired[3:]) / 2, fired


def test_timer_can_be_cancelled_twice_and_in_its_own_task(run_app: Program) -> None:
    assert run_app("""
        from wakeup import Timer
        fired = []
        def task():
            fired.append(1)
            timer.cancel()
            timer.cancel()
        timer = Timer(task, 0, 10)
        other = Timer(lambda: fired.append('never'), 5)
        other.cancel()
        other.cancel()
        end = Timer(lambda: show(*fired), 80)
        """).shown == (1,)


def test_task_can_cancel_another_timer_that_is_due_as_well(run_app: Program) -> None:
    assert run_app("""
        from wakeup import Timer
        fired = []
        def first():
            fired.append('first')
            second.cancel()
        one = Timer(first, 0)
        second = Timer(lambda: fired.append('second'), 1)
        time.sleep_ms(20)
        end = Timer(lambda: show(*fired), 20)
        """).shown == ("first",)


def test_timers_made_in_a_task_do_not_keep_the_others_waiting(run_app: Program) -> None:
    assert run_app("""
        from wakeup import Timer
        fired = []
        def chain():
            global link
            fired.append('chain')
            if len(fired) < 6:
                link = Timer(chain, 0)
        link = Timer(chain, 0)
        other = Timer(lambda: fired.append('other'), 0)
        end = Timer(lambda: show(*fired), 50)
        """).shown == ("chain", "other", "chain", "chain", "chain", "chain")


def test_timer_that_nobody_references_fires(run_app: Program) -> None:
    """Two of the vendor's samples rely on this."""
    assert run_app("""
        from wakeup import Timer, wakeup
        fired = []
        Timer(lambda: fired.append('once'), 10)
        def repeat():
            fired.append('again')
            if fired.count('again') >= 3 and 'once' in fired and 'dropped' in fired:
                show(fired.count('once'), fired.count('dropped'))
                sys.exit()
        wakeup(repeat, 30, 30)
        def drop():
            Timer(lambda: fired.append('dropped'), 0)
            gc.collect()
        Timer(drop, 12)
        gc.collect()
        """).shown == (1, 1)


def test_timer_that_has_fired_or_is_cancelled_is_collected(run_app: Program) -> None:
    assert run_app(
        """
        from wakeup import Timer
        def start():
            for i in range(500):
                data = bytes(10000)
                Timer(lambda: len(data), 1000).cancel()
                Timer(lambda: len(data), 0)
                import idle
                idle.run()
        start()
        gc.collect()
        show(gc.mem_alloc() < 100000)
        """,
        heap="256K",
    ).shown == (True,)


def test_referenced_timers_survive_the_collector(run_app: Program) -> None:
    assert run_app(
        """
        from wakeup import Timer
        count = 0
        def task():
            global count
            count += 1
            gc.collect()
            bytearray(10000)
        timers = [Timer(task, i % 10) for i in range(200)]
        gc.collect()
        end = Timer(lambda: show(count), 200)
        """,
        heap="256K",
    ).shown == (200,)


@pytest.mark.parametrize(("end", "code"), [("sys.exit(3)", 3), ("sys.exit()", 0)])
def test_timers_of_an_ended_app_never_fire_and_say_nothing(run_app: Program, end: str, code: int) -> None:
    result = run_app(f"from wakeup import Timer\ntimer = Timer(lambda: show('never'), 0, 10)\n{end}\n")
    assert (result.returncode, result.stdout, result.stderr) == (code, "", "")


def test_exception_of_a_task_is_an_app_fault_and_ends_all_timers(run_app: Program) -> None:
    result = run_app("""
        from wakeup import Timer
        def task():
            raise RuntimeError('broken task')
        after = Timer(lambda: show('never'), 20)
        timer = Timer(task, 0, 10)
        """)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.count("broken task") == 1


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ("1, 2", "TypeError: task must be callable"),
        ("print, 'x'", "TypeError: time_ms must be an int, milliseconds"),
        ("print, None", "TypeError: time_ms must be an int, milliseconds"),
        ("print, -1", "ValueError: time_ms must not be negative"),
        ("print, float('nan')", "ValueError: time_ms must not be negative"),
        ("print, 10 ** 30", "ValueError: time_ms is too large"),
        ("print, 0, 'x'", "TypeError: repeat_ms must be an int, milliseconds"),
        ("print, 0, repeat_ms=-5", "ValueError: repeat_ms must not be negative"),
        ("", "TypeError: 'task' argument required"),
        ("print, 0, later=1", "TypeError: extra keyword arguments given"),
    ],
)
def test_wrong_arguments_are_named_and_set_no_timer(run_app: Program, arguments: str, error: str) -> None:
    result = run_app(f"""
        from wakeup import Timer
        try:
            timer = Timer({arguments})
        except (TypeError, ValueError) as e:
            show(type(e).__name__ + ': ' + str(e))
        """)
    assert result.shown == (error,)


def test_arguments_can_be_named_and_floats_are_taken_as_in_the_vendors_example(run_app: Program) -> None:
    assert run_app("""
        from wakeup import Timer, wakeup
        fired = []
        one = wakeup(task=lambda: fired.append('one'), time_ms=0.0, repeat_ms=0)
        two = Timer(repeat_ms=0.0, time_ms=10, task=lambda: fired.append('two'))
        end = Timer(lambda: show(*fired), 50)
        """).shown == ("one", "two")


def test_part_of_a_millisecond_is_rounded_up(run_app: Program) -> None:
    """Otherwise repeat_ms=0.5 would be 0: a single call."""
    assert run_app("""
        from wakeup import Timer

        fired = []

        def task():
            fired.append(time.ticks_us() - start)
            if len(fired) == 3:
                timer.cancel()
                show(fired[0] > 1000)

        start = time.ticks_us()
        timer = Timer(task, 1.5, repeat_ms=0.5)
        """).shown == (True,)


@pytest.mark.parametrize(
    ("task", "text"),
    [
        ("lambda timer: None", "<lambda>() takes 1 positional arguments but 0 were given"),
        ("[].append", "function takes 2 positional arguments but 1 were given"),
        ("lambda: (yield)", "returned a generator: a task cannot be async"),
        ("run", "returned a generator: a task cannot be async"),
    ],
    ids=["lambda", "method", "generator", "coroutine"],
)
def test_task_that_cannot_run_is_a_fault_that_names_it(run_app: Program, task: str, text: str) -> None:
    result = run_app(f"""
        from wakeup import Timer

        async def run():
            show("never")

        timer = Timer({task}, 0)
        """)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"TypeError: task of a Timer: {text}\n"


def test_type_error_within_a_task_stays_as_it_is(run_app: Program) -> None:
    result = run_app("""
        from wakeup import Timer

        def task():
            [].append()

        timer = Timer(task, 0)
        """)
    error = "TypeError: function takes 2 positional arguments but 1 were given"
    assert result.stderr.endswith(f"in task\n{error}\n")
