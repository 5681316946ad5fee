using System.ComponentModel;
using OverlayImg.Cli.Options;

namespace OverlayImg.Cli.Exits;

/// <summary>The end of a run that has no result: what the user is told, and the exit code.</summary>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Message">Whole sentences; empty where there is nobody to tell.</param>
/// <param name="Cause">The exception.</param>
internal sealed record Failure(int ExitCode, string Message, Exception Cause)
{
    private const string MemoryAdvice = "Free some memory, or raise the limit (ulimit -v, or the container's).";

    /// <summary>The failure that an exception means, whichever it is.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="signal">The signal that ended the run; null without one.</param>
    /// <param name="names">Names the options in advice.</param>
    public static Failure Of(Exception exception, TerminationSignal? signal, OptionNames names)
    {
        var cause = RootOf(exception);
        // What fails while a signal ends the run fails because of the signal.
        if (signal is not null) return new(signal.ExitCode, $"Interrupted by {signal.Name}; nothing was written.", cause);
        return cause switch
        {
            UsageException => new(ExitCodes.Usage, cause.Message, cause),
            ClosedPipeException => new(ExitCodes.ClosedPipe, "", cause),
            OverlayImgException known => new(ExitCodes.Of(known), known.Describe(names.Complete), cause),
            OutOfMemoryException => new(ExitCodes.Machine, $"There is not enough memory. {MemoryAdvice}", cause),
            _ when HostTrouble.IsOne(cause) => OfHost(cause),
            Win32Exception => new(ExitCodes.Machine, $"A program can't be started: {Sentence(cause.Message)}", cause),
            _ => new(ExitCodes.Bug, $"This is a bug of overlayimg: {cause.GetType().Name}: {Sentence(cause.Message)} Please report it with what --verbose says.", cause),
        };
    }

    // Several tasks and static initialisers wrap what they threw.
    private static Exception RootOf(Exception exception) => exception switch
    {
        AggregateException { InnerExceptions: [var first, ..] } => RootOf(first),
        TypeInitializationException { InnerException: { } inner } => RootOf(inner),
        TaskSchedulerException { InnerException: { } inner } => RootOf(inner),
        _ => exception,
    };

    // The runtime's message has the path, as far as it knows one.
    private static Failure OfHost(Exception cause)
    {
        var what = Sentence(cause is IOException or UnauthorizedAccessException && cause.Message.Length > 0 ? cause.Message : HostTrouble.Reason(cause));
        return new(ExitCodes.Machine, HostTrouble.Advice(cause) is { } advice ? $"{what} {advice}" : what, cause);
    }

    private static string Sentence(string message) => message is [.., '.' or '!' or '?'] ? message : $"{message}.";
}
