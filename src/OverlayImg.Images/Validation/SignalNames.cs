using System.Globalization;

namespace OverlayImg.Images.Validation;

/// <summary>The signals of Linux (signal(7)) in the forms that clients accept: names with or without SIG, and numbers.</summary>
internal static class SignalNames
{
    private const int Highest = 64;

    // The real-time signals that glibc leaves to programs: SIGRTMIN is 34.
    private const int MaximumAboveFirst = 15;
    private const int MaximumBelowLast = 14;

    private static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL", "PROF",
        "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM",
        "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
    };

    /// <summary>Whether <paramref name="text"/> names a signal. The empty text means the client's default.</summary>
    public static bool IsSignal(string text)
    {
        if (text.Length == 0) return true;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number is >= 1 and <= Highest;
        var name = text.StartsWith("SIG", StringComparison.Ordinal) ? text[3..] : text;
        return Names.Contains(name) || IsRealTime(name, "RTMIN+", MaximumAboveFirst) || IsRealTime(name, "RTMAX-", MaximumBelowLast);
    }

    private static bool IsRealTime(string name, string start, int maximum) =>
        name.StartsWith(start, StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(start.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
        && offset >= 1 && offset <= maximum;
}
