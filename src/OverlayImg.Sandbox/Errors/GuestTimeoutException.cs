namespace OverlayImg.Sandbox.Errors;

/// <summary>The guest or its job took longer than it was given (exit code 6).</summary>
public sealed class GuestTimeoutException(string what, Exception? innerException = null) : OverlayImgException(what, innerException)
{
    /// <summary>The last lines of the scripts' output, ready to print; none when the guest never became READY.</summary>
    public IReadOnlyList<string> LogTail { get; init; } = [];

    /// <summary>The last lines of the guest's kernel console, ready to print.</summary>
    public IReadOnlyList<string> ConsoleTail { get; init; } = [];

    /// <inheritdoc/>
    public override string Describe(Func<Advice, string>? word = null) => base.Describe(word) + DiagnosticOutput.Describe([], ConsoleTail);
}
