"""What the rules are tried on: a healthy process's series, what may go wrong with them, and which alerts that fires.

A scenario changes series of the healthy process and nothing else, so that it shows that its fault fires its alert, and no
other one. A series is a function of the second: what it is then, or None where a scrape was missed.
"""
from dataclasses import dataclass, field

STEP_S = 60
DAY_S = 86400
MIB = 1 << 20
EXPORTER = {"job": "valkyria", "instance": "a:18255"}
DETAILS = "valkyria-details"
TARGET = {**EXPORTER, "process": "web"}
SYSTEM = {**TARGET, "system": "main"}
SERVER = {**TARGET, "server": "0.0.0.0", "port": "8443", "protocol": "https"}
CLIENT = {**TARGET, "client": "redis", "type": "Cache"}
# As the rules group them: a description names them.
GC_COUNTS = ("valk_gc_pause_duration_seconds", "valk_gc_time_to_safepoint_seconds")


def series(name, labels, **more):
    return name + "{" + ",".join(f'{key}="{value}"' for key, value in {**labels, **more}.items()) + "}"


def counts(per_second, start=0):
    """A counter."""
    return lambda second: start + per_second * second


def stays(value):
    return lambda _: value


def later(minutes, before, after):
    """Another series from then on, which begins anew there."""
    return lambda second: before(second) if second < minutes * 60 else after(second - minutes * 60)


def saw_tooth(low, high, period_s):
    """Use of a heap: it climbs for so long, and falls at once."""
    return lambda second: low + (high - low) * (second % period_s) // (period_s - STEP_S)


def histogram(name, labels, bounds):
    """bounds: what a second adds in each bucket, by its bound, and in all."""
    of = {series(name + "_bucket", labels, le=bound): counts(rate) for bound, rate in bounds.items()}
    return {**of, series(name + "_count", labels): counts(bounds["+Inf"])}


def healthy():
    """A process with 20 requests a second, and a collection each second that frees what it can."""
    return {
        series("up", EXPORTER): stays(1),
        series("scrape_duration_seconds", EXPORTER): stays(0.005),
        series("process_start_time_seconds", EXPORTER): stays(1700000000),
        series("valkyria_up", TARGET): stays(1),
        series("valkyria_process_start_time_seconds", TARGET): stays(1700000000),
        series("valkyria_process_state", TARGET, state="running"): stays(1),
        series("valkyria_process_state", TARGET, state="stopped"): stays(0),
        series("valkyria_process_state", TARGET, state="frozen"): stays(0),
        series("valk_gc_pause_seconds_total", TARGET): counts(0.01),
        # From 20 to 100 MiB, where a collection begins, of 120: in four minutes.
        series("valk_gc_heap_used_bytes", TARGET): saw_tooth(20 * MIB, 100 * MIB, 240),
        series("valk_gc_heap_live_bytes", TARGET): stays(20 * MIB),
        series("valk_gc_trigger_bytes", TARGET): stays(100 * MIB),
        series("valk_gc_heap_total_bytes", TARGET): stays(120 * MIB),
        series("valk_gc_heap_exhausted_total", TARGET): stays(0),
        series("valk_gc_cells_used", TARGET): saw_tooth(20000, 255000, 1200),
        series("valk_gc_cells_total", TARGET): stays(262144),
        **histogram(GC_COUNTS[0], TARGET, {"0.01": 0.9, "0.05": 1, "+Inf": 1}),
        **histogram(GC_COUNTS[1], TARGET, {"0.01": 1, "0.05": 1, "+Inf": 1}),
        series("http_requests_total", SERVER, status="2xx"): counts(19),
        series("http_requests_total", SERVER, status="4xx"): counts(1),
        series("http_requests_total", SERVER, status="5xx"): stays(0),
        **histogram("http_request_duration_seconds", SERVER, {"0.05": 10, "0.5": 20, "1": 20, "+Inf": 20}),
        series("http_overload_responses_total", SERVER): stays(0),
        series("valk_aio_connections_rejected_load_total", SYSTEM): stays(0),
        series("valk_aio_connection_failures_total", SYSTEM): stays(3),
        series("valk_aio_connection_pool_used", SYSTEM): stays(80),
        series("valk_aio_connection_pool_total", SYSTEM): stays(100),
        series("valk_aio_arenas_used", SYSTEM): stays(5),
        series("valk_aio_arenas_total", SYSTEM): stays(32),
        series("valk_aio_tcp_buffers_used", SYSTEM): stays(0),
        series("valk_aio_tcp_buffers_total", SYSTEM): stays(0),
        series("valk_aio_arena_pool_overflow_total", SYSTEM): stays(2),
        series("valk_aio_tcp_buffer_overflow_total", SYSTEM): stays(0),
        series("valk_loop_iterations_total", SYSTEM): counts(50),
        series("valk_loop_idle_seconds_total", SYSTEM): counts(0.6),
        **histogram("valk_loop_stall_duration_seconds", SYSTEM, {"0.1": 2, "0.25": 2, "+Inf": 2}),
        series("http_client_operations_total", CLIENT): counts(10),
        series("http_client_errors_total", CLIENT): counts(0.1),
        **histogram("http_client_request_duration_seconds", CLIENT, {"0.01": 9, "1": 10, "5": 10, "+Inf": 10}),
        series("valkyria_exporter_targets", EXPORTER, state="watched"): stays(1),
        series("valkyria_exporter_targets", EXPORTER, state="no_room"): stays(0),
        series("valkyria_exporter_targets", EXPORTER, state="refused"): stays(0),
        series("valkyria_exporter_lost_events_total", EXPORTER, cause="events_full"): stays(7),
        series("valkyria_exporter_lost_events_total", EXPORTER, cause="attached_in_the_middle"): counts(0.01),
        series("valkyria_exporter_missed_events_total", EXPORTER, event="collection"): stays(1),
        series("valkyria_exporter_collector_success", EXPORTER, collector="state"): stays(1),
        series("valkyria_exporter_http_connections_dropped_total", EXPORTER, limit="slow_head"): stays(2),
        series("valkyria_exporter_web_config_last_reload_successful", EXPORTER): stays(1),
        series("valkyria_exporter_web_certificate_not_after_timestamp_seconds", EXPORTER): stays(90 * DAY_S),
        series("valkyria_exporter_captures_unwritten_total", EXPORTER): stays(0),
        series("valkyria_exporter_log_lines_dropped_total", EXPORTER): stays(0),
        series("valkyria_exporter_registered_series_dropped", EXPORTER, reason="limit"): stays(0),
        # No probes of this group, and memory tells all of that: 0 is nothing to worry about.
        series("valkyria_probe_group_attached", TARGET, group="client"): stays(0),
        series("valkyria_probe_group_detachments_total", TARGET, group="client"): stays(0),
        series("valkyria_probe_group_attached", TARGET, group="http"): stays(1),
        series("valkyria_probe_group_detachments_total", TARGET, group="http"): stays(2),
        series("valkyria_probe_overhead_ratio", TARGET): stays(0.004),
    }


@dataclass
class Scenario:
    name: str
    minutes: int
    # Other values than the healthy ones; None: no such series.
    change: dict = field(default_factory=dict)
    # The alerts that fire at the end: (alert, labels, the number as its description has it).
    fires: list = field(default_factory=list)
    # On the healthy series as a whole, before the change: names, labels or values.
    rewrite: object = None


def without_process(all_series):
    """As an exporter of --pid serves them."""
    return {name.replace(',process="web"', ""): value for name, value in all_series.items()}


def beside_another_application(all_series):
    """Names such as http_requests_total are everybody's, and its requests all fail. An agent scrapes itself."""
    other, agent = {"job": "shop", "instance": "b:80"}, {"job": "prometheus-agent", "instance": "agent-0"}
    return {
        **all_series,
        series("up", other): stays(1),
        series("up", agent): stays(1),
        series("http_requests_total", other, status="5xx"): counts(100),
        series("http_overload_responses_total", other): counts(1),
        **histogram("http_request_duration_seconds", other, {"0.05": 0, "+Inf": 100}),
        series("http_client_operations_total", other): counts(100),
        series("http_client_errors_total", other): counts(100),
    }


def only_about_the_exporter(all_series):
    return {name: value for name, value in all_series.items() if 'process="web"' not in name}


def in_two_scrapes(all_series):
    """Loops and clients more seldom, by a job of their own (`collect[]`)."""
    return {name.replace('job="valkyria"', f'job="{DETAILS}"') if name.startswith(("valk_aio", "valk_loop", "http_client")) else name: value
            for name, value in all_series.items()}


def idle(all_series):
    """All stands still but the loop's wait."""
    return {name: value if "idle_seconds" in name else stays(value(0)) for name, value in all_series.items()}


def anew(value, minutes):
    """Begins again after a missed scrape."""
    begin = minutes * 60
    return lambda second: None if begin <= second < begin + STEP_S else value(second if second < begin else second - begin - STEP_S)


def counters_begin_anew(minutes, which):
    """Those that the text is in the name or the labels of."""
    return lambda every: {name: anew(value, minutes) if which in name and value(0) == 0 else value for name, value in every.items()}


def missed(begin_minutes, end_minutes):
    """No scrape in between."""
    def rewrite(all_series):
        return {name: value if name.startswith("up{") else
                (lambda second, value=value: None if begin_minutes * 60 <= second < end_minutes * 60 else value(second))
                for name, value in all_series.items()}
    return rewrite


def restarts(minutes_between):
    return lambda second: 1700000000 + second // (minutes_between * 60) * 60


START = "valkyria_process_start_time_seconds"
STALLS = "valk_loop_stall_duration_seconds"
# A histogram, its labels, and the bound that its alert counts from.
BOUNDED = [(GC_COUNTS[0], TARGET, "0.05"), (GC_COUNTS[1], TARGET, "0.05"), (STALLS, SYSTEM, "0.25")]

HEALTHY = [
    Scenario("healthy", 60),
    Scenario("healthy, of --pid", 30, rewrite=without_process),
    Scenario("healthy, in two scrapes", 30, rewrite=in_two_scrapes),
    Scenario("healthy, beside another application", 60, rewrite=beside_another_application),
    Scenario("idle", 30, rewrite=idle),
    Scenario("a pod was replaced", 20,
             {series("valkyria_up", {**TARGET, "process": "4f1c9b2ad870"}): later(10, stays(1), stays(0)),
              series("valkyria_process_info", {**TARGET, "process": "4f1c9b2ad870"}, pod="6c1d2"): lambda second: 1 if second < 600 else None},
             rewrite=lambda every: {**every, series("valkyria_up", {**TARGET, "process": "4f1c9b2ad870"}): stays(1),
                                    series("valkyria_process_info", {**TARGET, "process": "4f1c9b2ad870"}, pod="6c1d2"): stays(1)}),
    # Counters of memory begin anew with the process, those of probes with the exporter.
    Scenario("the process restarted", 30, rewrite=counters_begin_anew(15, 'process="web"'),
             change={series(START, TARGET): later(15, stays(1700000000), stays(1700001000))}),
    Scenario("the exporter restarted", 30, rewrite=counters_begin_anew(15, "duration_seconds"),
             change={series("process_start_time_seconds", EXPORTER): later(15, stays(1700000000), stays(1700001000)),
                     series("valkyria_exporter_lost_events_total", EXPORTER, cause="events_full"): later(15, stays(7), stays(0)),
                     series("up", EXPORTER): lambda second: 0 if 15 <= second // 60 < 17 else 1}),
    Scenario("all begins anew at once", 30, rewrite=counters_begin_anew(25, "")),
    Scenario("scrapes were missed for ten minutes", 60, rewrite=missed(40, 50)),
    Scenario("scrapes were missed until now", 60, rewrite=missed(56, 61)),
    # Long pauses and stalls of yesterday, and what came later was quick: about increase() and the ends of its window.
    Scenario("few long ones once, many short ones now", 30,
             {series(name + "_count", labels): later(18, stays(1), counts(10, start=1)) for name, labels, _ in BOUNDED}
             | {series(name + "_bucket", labels, le=bound): later(18, stays(0), counts(10)) for name, labels, bound in BOUNDED}),
    # Of few requests, a share says nothing.
    Scenario("one failed request of two in a minute", 60,
             {series("http_requests_total", SERVER, status="2xx"): counts(1 / 60),
              series("http_requests_total", SERVER, status="4xx"): stays(0),
              series("http_requests_total", SERVER, status="5xx"): counts(1 / 60)}),
]

FAULTS = [
    Scenario("the process ended", 20, {series("valkyria_up", TARGET): later(15, stays(1), stays(0))},
             [("ValkyriaTargetDown", TARGET, "0")]),
    Scenario("a crash loop", 20, {series("valkyria_process_start_time_seconds", TARGET): restarts(3)},
             [("ValkyriaTargetRestarting", TARGET, "5")]),
    *[Scenario(name, 20,
               {series("valkyria_process_state", TARGET, state="stopped"): stays(1),
                series("valkyria_process_state", TARGET, state="running"): stays(0),
                series("valk_loop_iterations_total", {**SYSTEM, "job": job}): stays(10),
                series("valk_loop_idle_seconds_total", {**SYSTEM, "job": job}): stays(10)},
               [("ValkyriaTargetStandsStill", {**TARGET, "state": "stopped"}, "")], rewrite)
      for name, job, rewrite in [("a debugger holds it", "valkyria", None), ("it does, in two scrapes", DETAILS, in_two_scrapes)]],
    Scenario("too many processes", 20, {series("valkyria_exporter_targets", EXPORTER, state="no_room"): stays(6)},
             [("ValkyriaTargetsLeftOut", {**EXPORTER, "state": "no_room"}, "6")]),
    Scenario("processes that can't be watched", 20, {series("valkyria_exporter_targets", EXPORTER, state="refused"): stays(2)},
             [("ValkyriaTargetsLeftOut", {**EXPORTER, "state": "refused"}, "2")]),
    Scenario("nobody to watch", 20, rewrite=only_about_the_exporter, fires=[("ValkyriaNothingWatched", EXPORTER, "")]),
    Scenario("the exporter does not answer", 20, rewrite=lambda _: {series("up", EXPORTER): stays(0)},
             fires=[("ValkyriaExporterDown", EXPORTER, "")]),
    Scenario("the exporter is gone from the configuration", 60,
             rewrite=lambda every: {name: lambda second: 0 if second < 600 else None for name in every},
             fires=[("ValkyriaExporterAbsent", {}, "")]),
    Scenario("a sixth of the time in collections", 20, {series("valk_gc_pause_seconds_total", TARGET): counts(0.16)},
             [("ValkyriaGcPauseShareHigh", TARGET, "16%")]),
    Scenario("a third of the time in collections", 20, {series("valk_gc_pause_seconds_total", TARGET): counts(0.32)},
             [("ValkyriaGcPauseShareHigh", TARGET, "32%"), ("ValkyriaGcPauseShareCritical", TARGET, "32%")]),
    Scenario("long pauses", 20, {series(GC_COUNTS[0] + "_bucket", TARGET, le="0.05"): counts(0.9)},
             [("ValkyriaGcPauseLong", TARGET, "60")]),
    Scenario("one long pause", 20, {
        series(GC_COUNTS[0] + "_bucket", TARGET, le="0.05"): lambda second: second - (second > 900)},
             [("ValkyriaGcPauseLong", TARGET, "1")]),
    Scenario("a thread is slow to stop", 20, {series(GC_COUNTS[1] + "_bucket", TARGET, le="0.05"): counts(0.5)},
             [("ValkyriaTimeToSafepointLong", TARGET, "300")]),
    # Use climbs and falls as ever, but to and from more and more: what is live grows.
    Scenario("a leak", 75, {series("valk_gc_heap_live_bytes", TARGET): counts(MIB // 60 * 5 // 4, start=20 * MIB),
                            series("valk_gc_trigger_bytes", TARGET): stays(118 * MIB)},
             [("ValkyriaLiveSetNearTrigger", TARGET, "96.4%"), ("ValkyriaHeapFillsUp", TARGET, "94.79%")]),
    Scenario("little is freed by a collection", 20, {series("valk_gc_heap_live_bytes", TARGET): stays(90 * MIB)},
             [("ValkyriaLiveSetNearTrigger", TARGET, "90%")]),
    Scenario("a full heap", 20, {series("valk_gc_heap_live_bytes", TARGET): stays(117 * MIB),
                                 series("valk_gc_trigger_bytes", TARGET): stays(119 * MIB),
                                 series("valk_gc_heap_exhausted_total", TARGET): counts(0.2)},
             [("ValkyriaLiveSetNearTrigger", TARGET, "98.32%"), ("ValkyriaHeapFillsUp", TARGET, "97.5%"),
              ("ValkyriaHeapNearLimit", TARGET, "97.5%"), ("ValkyriaHeapExhausted", TARGET, "120")]),
    Scenario("the pool of values is never given back", 60, {series("valk_gc_cells_used", TARGET): stays(250000)},
             [("ValkyriaCellsRunOut", TARGET, "95.37%")]),
    Scenario("every tenth request fails", 10, {series("http_requests_total", SERVER, status="5xx"): counts(2),
                                              series("http_requests_total", SERVER, status="2xx"): counts(18)},
             [("ValkyriaErrorBudgetBurnFast", SERVER, "9.524%")]),
    Scenario("one of a hundred requests fails", 55, {series("http_requests_total", SERVER, status="5xx"): counts(0.2),
                                                    series("http_requests_total", SERVER, status="2xx"): counts(18.8)},
             [("ValkyriaErrorBudgetBurnSlow", SERVER, "1%")]),
    Scenario("one of five hundred requests fails", 80, {series("http_requests_total", SERVER, status="5xx"): counts(0.04),
                                                        series("http_requests_total", SERVER, status="2xx"): counts(18.96)},
             [("ValkyriaErrorBudgetBurns", SERVER, "0.2%")]),
    Scenario("an outage that is over", 120, {
        series("http_requests_total", SERVER, status="5xx"): lambda second: 0.4 * min(second, 5400)},
             [("ValkyriaErrorBudgetBurns", SERVER, "1.478%")]),
    Scenario("slow requests", 20, {series("http_request_duration_seconds_bucket", SERVER, le="0.5"): counts(19)},
             [("ValkyriaLatencyHigh", SERVER, "900ms")]),
    Scenario("no room for requests", 20, {series("http_overload_responses_total", SERVER): counts(0.1)},
             [("ValkyriaOverloaded", SERVER, "60")]),
    Scenario("connections are shed", 20, {series("valk_aio_connections_rejected_load_total", SYSTEM): counts(0.2)},
             [("ValkyriaConnectionsShed", SYSTEM, "120")]),
    Scenario("accept fails", 20, {series("valk_aio_connection_failures_total", SYSTEM): counts(0.1)},
             [("ValkyriaConnectionsFail", SYSTEM, "60")]),
    Scenario("many connections", 20, {series("valk_aio_connection_pool_used", SYSTEM): stays(97)},
             [("ValkyriaPoolNearlyFull", {**SYSTEM, "pool": "connections"}, "97%")]),
    Scenario("no arena is free", 20, {series("valk_aio_arenas_used", SYSTEM): stays(32),
                                      series("valk_aio_arena_pool_overflow_total", SYSTEM): counts(0.1)},
             [("ValkyriaPoolNearlyFull", {**SYSTEM, "pool": "stream arenas"}, "100%"),
              ("ValkyriaPoolOverflows", {**SYSTEM, "pool": "stream arena"}, "60")]),
    Scenario("no buffer was free", 20, {series("valk_aio_tcp_buffer_overflow_total", SYSTEM): counts(0.1)},
             [("ValkyriaPoolOverflows", {**SYSTEM, "pool": "TCP buffer"}, "60")]),
    Scenario("stalls", 20, {series("valk_loop_stall_duration_seconds_bucket", SYSTEM, le="0.25"): counts(1.9)},
             [("ValkyriaLoopStalls", SYSTEM, "60")]),
    Scenario("a busy loop", 20, {series("valk_loop_idle_seconds_total", SYSTEM): counts(0.01)},
             [("ValkyriaLoopSaturated", SYSTEM, "99%")]),
    Scenario("a loop that hangs", 20, {series("valk_loop_idle_seconds_total", SYSTEM): stays(100),
                                       series("valk_loop_iterations_total", SYSTEM): stays(5000)},
             [("ValkyriaLoopHangs", SYSTEM, "")]),
    Scenario("a client fails", 20, {series("http_client_errors_total", CLIENT): counts(2)},
             [("ValkyriaClientFails", CLIENT, "20%")]),
    Scenario("a client is slow", 20, {series("http_client_request_duration_seconds_bucket", CLIENT, le="1"): counts(9.5)},
             [("ValkyriaClientSlow", CLIENT, "4.2s")]),
    Scenario("the exporter's crash loop", 20, {series("process_start_time_seconds", EXPORTER): restarts(5)},
             [("ValkyriaExporterRestarting", EXPORTER, "4")]),
    Scenario("lost events", 20, {series("valkyria_exporter_lost_events_total", EXPORTER, cause="events_full"): counts(0.5)},
             [("ValkyriaExporterLosesEvents", {**EXPORTER, "cause": "events_full"}, "300")]),
    Scenario("missed events", 20, {series("valkyria_exporter_missed_events_total", EXPORTER, event="collection"): counts(0.5)},
             [("ValkyriaExporterMissesEvents", {**EXPORTER, "event": "collection"}, "300")]),
    Scenario("the budget took probes", 20, {series("valkyria_probe_group_attached", TARGET, group="http"): stays(0)},
             [("ValkyriaProbesDetached", {**TARGET, "group": "http"}, "")]),
    Scenario("expensive probes", 20, {series("valkyria_probe_overhead_ratio", TARGET): stays(0.05)},
             [("ValkyriaProbeOverheadHigh", TARGET, "5%")]),
    Scenario("a collector fails", 20, {series("valkyria_exporter_collector_success", EXPORTER, collector="state"): stays(0)},
             [("ValkyriaCollectorFails", {**EXPORTER, "collector": "state"}, "")]),
    Scenario("slow scrapes", 20, {series("scrape_duration_seconds", EXPORTER): stays(4)},
             [("ValkyriaScrapeSlow", EXPORTER, "4s")]),
    Scenario("dropped connections", 20, {
        series("valkyria_exporter_http_connections_dropped_total", EXPORTER, limit="slow_head"): counts(0.1)},
             [("ValkyriaExporterDropsConnections", {**EXPORTER, "limit": "slow_head"}, "60")]),
    Scenario("a broken web configuration", 20, {series("valkyria_exporter_web_config_last_reload_successful", EXPORTER): stays(0)},
             [("ValkyriaWebConfigReloadFails", EXPORTER, "")]),
    Scenario("an old certificate", 20, {
        series("valkyria_exporter_web_certificate_not_after_timestamp_seconds", EXPORTER): stays(3 * DAY_S + 20 * 60)},
             [("ValkyriaCertificateEnds", EXPORTER, "3d 0h 0m 0s")]),
    Scenario("a full disk", 20, {series("valkyria_exporter_captures_unwritten_total", EXPORTER): counts(0.01)},
             [("ValkyriaCapturesNotWritten", EXPORTER, "12")]),
    Scenario("a slow reader of the log", 20, {series("valkyria_exporter_log_lines_dropped_total", EXPORTER): counts(1)},
             [("ValkyriaLogLinesDropped", EXPORTER, "600")]),
    Scenario("too many series of an application", 20, {
        series("valkyria_exporter_registered_series_dropped", EXPORTER, reason="limit"): stays(12)},
             [("ValkyriaSeriesLeftOut", {**EXPORTER, "reason": "limit"}, "12")]),
]
