using System.Globalization;

namespace OverlayImg.Builders.NewImages;

/// <summary>Parses ports in the form of a Dockerfile's EXPOSE.</summary>
public static class PortRange
{
    /// <summary>
    /// Expands <c>PORT[-PORT][/PROTOCOL]</c> to single ports <c>PORT/PROTOCOL</c>, as <c>docker build</c> does. The default protocol is tcp.
    /// Null if <paramref name="text"/> has another form: ports go from 1 to 65535, ranges ascend, and protocols are tcp, udp and sctp.
    /// </summary>
    public static IReadOnlyList<string>? Expand(string text)
    {
        var (ports, protocol) = text.Split('/') switch
        {
            [var alone] => (alone, "tcp"),
            [var before, var after] => (before, after.ToLowerInvariant()),
            _ => ("", ""),
        };
        var bounds = ports.Split('-').Select(Number).ToArray();
        if (bounds.Length > 2 || bounds.Any(bound => bound is null or 0) || bounds[0] > bounds[^1]) return null;
        if (protocol is not ("tcp" or "udp" or "sctp")) return null;
        return [.. Enumerable.Range(bounds[0]!.Value, bounds[^1]!.Value - bounds[0]!.Value + 1)
            .Select(port => string.Create(CultureInfo.InvariantCulture, $"{port}/{protocol}"))];
    }

    private static ushort? Number(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
