namespace OverlayImg.Sandbox.Errors;

/// <summary>The guest failed, and the user's script is not to blame (exit code 4).</summary>
public sealed class GuestException(string what, Exception? innerException = null) : MachineException(what, innerException)
{
    /// <summary>The last lines of the guest's kernel console, ready to print.</summary>
    public IReadOnlyList<string> ConsoleTail { get; init; } = [];

    /// <summary>The last lines that QEMU itself wrote, ready to print.</summary>
    public IReadOnlyList<string> QemuErrors { get; init; } = [];

    /// <summary>Whether the guest itself told the error, and did not fail.</summary>
    public bool IsToldByGuest { get; init; }

    /// <summary>Whether the file that is the guest's memory is to blame: a guest without one may start.</summary>
    internal bool IsOfMemoryFile { get; init; }

    /// <summary>Whether the guest powered off by itself.</summary>
    internal bool IsPowerOff { get; init; }

    /// <inheritdoc/>
    public override string Describe(Func<Advice, string>? word = null) => base.Describe(word) + DiagnosticOutput.Describe(QemuErrors, ConsoleTail);
}
