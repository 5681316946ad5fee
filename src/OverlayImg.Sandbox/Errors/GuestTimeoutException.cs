namespace OverlayImg.Sandbox.Errors;

/// <summary>The guest or its job exceeded a time limit (exit code 6).</summary>
public sealed class GuestTimeoutException(string what, Exception? innerException = null) : OverlayImgException(what, innerException)
{
    /// <summary>The last lines of the scripts' output, escaped for display; empty if the guest never became READY.</summary>
    public IReadOnlyList<string> LogTail { get; init; } = [];

    /// <summary>The last lines of the guest's kernel console, escaped for display.</summary>
    public IReadOnlyList<string> ConsoleTail { get; init; } = [];

    /// <inheritdoc/>
    public override string Describe(Func<Advice, string>? word = null) => base.Describe(word) + DiagnosticOutput.Describe([], ConsoleTail);
}
