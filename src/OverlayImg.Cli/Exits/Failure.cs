using System.ComponentModel;
using OverlayImg.Cli.Options;

namespace OverlayImg.Cli.Exits;

/// <summary>A failed run: the message for the user, and the exit code.</summary>
/// <param name="ExitCode">See <see cref="ExitCodes"/>.</param>
/// <param name="Message">Whole sentences; empty where no message is printed, because the reader of stdout is gone.</param>
/// <param name="Cause">The exception that ended the run, without the exceptions that only wrap it.</param>
internal sealed record Failure(int ExitCode, string Message, Exception Cause)
{
    private const string MemoryAdvice = "Free some memory, or raise the limit (ulimit -v, or the container's).";

    /// <summary>Turns any exception into a message and an exit code.</summary>
    /// <param name="exception">The exception that ended the run.</param>
    /// <param name="signal">The signal that ended the run; null if no signal came.</param>
    /// <param name="names">Adds the names of options to advice.</param>
    public static Failure Of(Exception exception, TerminationSignal? signal, OptionNames names)
    {
        var cause = RootOf(exception);
        // After a signal the run is being cancelled, so any exception is a consequence of the signal.
        if (signal is not null) return new(signal.ExitCode, $"Interrupted by {signal.Name}; nothing was written.", cause);
        return cause switch
        {
            UsageException => new(ExitCodes.Usage, cause.Message, cause),
            ClosedPipeException => new(ExitCodes.ClosedPipe, "", cause),
            OverlayImgException known => new(ExitCodes.Of(known), known.Describe(names.Complete), cause),
            OutOfMemoryException => new(ExitCodes.Machine, $"There is not enough memory. {MemoryAdvice}", cause),
            _ when HostTrouble.IsOne(cause) => OfHost(cause),
            Win32Exception => new(ExitCodes.Machine, $"A program can't be started: {Sentence(cause.Message)}", cause),
            _ => new(ExitCodes.Bug,
                $"This is a bug of overlayimg: {cause.GetType().Name}: {Sentence(cause.Message)} " +
                "Please report it with the output of --verbose.", cause),
        };
    }

    // Parallel tasks, static initialisers and the task scheduler wrap exceptions.
    private static Exception RootOf(Exception exception) => exception switch
    {
        AggregateException { InnerExceptions: [var first, ..] } => RootOf(first),
        TypeInitializationException { InnerException: { } inner } => RootOf(inner),
        TaskSchedulerException { InnerException: { } inner } => RootOf(inner),
        _ => exception,
    };

    // The message of an IOException names the path, so it is preferred to the bare reason.
    private static Failure OfHost(Exception cause)
    {
        var hasMessage = cause is IOException or UnauthorizedAccessException && cause.Message.Length > 0;
        var what = Sentence(hasMessage ? cause.Message : HostTrouble.Reason(cause));
        return new(ExitCodes.Machine, HostTrouble.Advice(cause) is { } advice ? $"{what} {advice}" : what, cause);
    }

    private static string Sentence(string message) => message is [.., '.' or '!' or '?'] ? message : $"{message}.";
}
