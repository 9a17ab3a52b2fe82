//! Prints one JSON object for each histogram of an HdrHistogram log.
use base64::{engine::general_purpose::STANDARD, Engine};
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};
use hdrhistogram::serialization::Deserializer;
use hdrhistogram::Histogram;

fn main() {
    let log = std::fs::read(std::env::args().nth(1).expect("path of a log")).expect("a readable file");
    let mut base_s = 0.0;
    for entry in IntervalLogIterator::new(&log) {
        match entry.expect("a well-formed line") {
            LogEntry::BaseTime(base) => base_s = base.as_secs_f64(),
            LogEntry::StartTime(_) => {}
            LogEntry::Interval(line) => {
                let payload = STANDARD.decode(line.encoded_histogram()).expect("base64");
                let histogram: Histogram<u64> =
                    Deserializer::new().deserialize(&mut payload.as_slice()).expect("a histogram");
                let start_s = base_s + line.start_timestamp().as_secs_f64();
                println!(
                    "{{\"tag\":{},\"start_ms\":{},\"end_ms\":{},\"count\":{},\"min\":{},\"max\":{},\
                     \"mean\":{},\"p50\":{},\"p99\":{}}}",
                    line.tag().map_or("null".into(), |tag| format!("\"{}\"", tag.as_str())),
                    (start_s * 1e3).round(),
                    ((start_s + line.duration().as_secs_f64()) * 1e3).round(),
                    histogram.len(),
                    histogram.min(),
                    histogram.max(),
                    histogram.mean(),
                    histogram.value_at_quantile(0.5),
                    histogram.value_at_quantile(0.99),
                );
            }
        }
    }
}
