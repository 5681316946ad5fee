namespace OverlayImg.Sandbox.Errors;

/// <summary>QEMU or the guest failed. The user's script is not the cause (exit code 4).</summary>
public sealed class GuestException(string what, Exception? innerException = null) : MachineException(what, innerException)
{
    /// <summary>The last lines of the guest's kernel console, escaped for display.</summary>
    public IReadOnlyList<string> ConsoleTail { get; init; } = [];

    /// <summary>The last lines of QEMU's standard error, escaped for display.</summary>
    public IReadOnlyList<string> QemuErrors { get; init; } = [];

    /// <summary>Whether the guest reported the error by <c>RESULT error</c>, and neither the guest nor QEMU crashed.</summary>
    public bool IsToldByGuest { get; init; }

    /// <summary>Whether the file behind the guest's memory is the cause. A guest with anonymous memory may still start.</summary>
    internal bool IsOfMemoryFile { get; init; }

    /// <summary>Whether the guest powered off by itself.</summary>
    internal bool IsPowerOff { get; init; }

    /// <inheritdoc/>
    public override string Describe(Func<Advice, string>? word = null) => base.Describe(word) + DiagnosticOutput.Describe(QemuErrors, ConsoleTail);
}
