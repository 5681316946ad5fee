namespace OverlayImg.Sandbox.Errors;

/// <summary>Formats the last lines of QEMU's output and of the guest's console for an error message.</summary>
internal static class DiagnosticOutput
{
    public const int ConsoleLines = 20;
    public const int QemuLines = 10;
    public const int LogLines = 40;

    public static string Describe(IReadOnlyList<string> qemuErrors, IReadOnlyList<string> console) =>
        Section("QEMU said:", qemuErrors) + Section("The guest's console ends with:", console);

    private static string Section(string title, IReadOnlyList<string> lines) => lines.Count == 0 ? "" : $"\n{title}\n  {string.Join("\n  ", lines)}";
}
