import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.utils.Utils;

/**
 * Prints what Kafka's own Java client makes of keys: murmur2, and the partition that its producer
 * chooses. src/partition.test.ts holds ours against it. To make the file again, with the folder of the
 * jars of Kafka 4.2 in $LIBS:
 *
 * <pre>java -cp "$LIBS/*" vectors/PartitionVectors.java > vectors/partitions.json</pre>
 */
public final class PartitionVectors {
  private static final int[] PARTITIONS = {1, 3, 6, 12, 1000};

  public static void main(String[] args) {
    List<byte[]> keys = new ArrayList<>();
    for (String text : new String[] {"", "0", "1", "12", "123", "1234", "12345", "4294967295", "ключ"}) {
      keys.add(text.getBytes(StandardCharsets.UTF_8));
    }
    Random random = new Random(20260101);
    for (int i = 0; i < 100; i++) {
      keys.add(Integer.toString(random.nextInt(1 << 20)).getBytes(StandardCharsets.UTF_8));
    }
    for (int length = 0; length < 64; length++) {
      byte[] key = new byte[length];
      random.nextBytes(key);
      keys.add(key);
    }
    List<String> lines = new ArrayList<>();
    for (byte[] key : keys) {
      List<String> chosen = new ArrayList<>();
      for (int n : PARTITIONS) {
        chosen.add("\"" + n + "\": " + BuiltInPartitioner.partitionForKey(key, n));
      }
      lines.add(String.format(
          "  { \"keyHex\": \"%s\", \"murmur2\": %d, \"partitions\": { %s } }",
          HexFormat.of().formatHex(key), Utils.murmur2(key), String.join(", ", chosen)));
    }
    System.out.println("[\n" + String.join(",\n", lines) + "\n]");
  }
}
