import java.util.Locale;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;

/** Prints one JSON object for each histogram of an HdrHistogram log. */
public class Reader {
    public static void main(String[] args) throws Exception {
        HistogramLogReader log = new HistogramLogReader(args[0]);
        for (EncodableHistogram next; (next = log.nextIntervalHistogram()) != null; ) {
            Histogram histogram = (Histogram) next;
            String tag = histogram.getTag() == null ? "null" : '"' + histogram.getTag() + '"';
            System.out.printf(
                Locale.ROOT,
                "{\"tag\":%s,\"start_ms\":%d,\"end_ms\":%d,\"count\":%d,\"min\":%d,\"max\":%d,\"mean\":%f,"
                    + "\"p50\":%d,\"p99\":%d}%n",
                tag,
                histogram.getStartTimeStamp(),
                histogram.getEndTimeStamp(),
                histogram.getTotalCount(),
                histogram.getTotalCount() == 0 ? 0 : histogram.getMinValue(),
                histogram.getMaxValue(),
                histogram.getMean(),
                histogram.getValueAtPercentile(50),
                histogram.getValueAtPercentile(99));
        }
    }
}
