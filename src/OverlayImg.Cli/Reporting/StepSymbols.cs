using System.Text;

namespace OverlayImg.Cli.Reporting;

/// <summary>The symbols that a terminal shows beside steps.</summary>
/// <param name="Spinner">The pictures of the spinner, one after the other, each one column wide.</param>
/// <param name="Done">Beside a step that is done.</param>
/// <param name="Failed">Beside the step at which the operation failed.</param>
/// <param name="Full">A done cell of a bar.</param>
/// <param name="Empty">A cell of a bar that is not done.</param>
/// <param name="Cut">The end of a text that was cut.</param>
internal sealed record StepSymbols(string Spinner, string Done, string Failed, char Full, char Empty, string Cut)
{
    private static readonly StepSymbols Ascii = new(@"|/-\", "*", "x", '#', '.', "...");
    private static readonly StepSymbols Unicode = new("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "✓", "✗", '━', '─', "…");

    /// <summary>The symbols for a terminal.</summary>
    /// <param name="encoding">The encoding of the terminal's text.</param>
    /// <param name="terminal">The value of TERM. The fonts of the Linux console have no such symbols.</param>
    public static StepSymbols For(Encoding encoding, string? terminal) =>
        encoding.CodePage == Encoding.UTF8.CodePage && terminal != "linux" ? Unicode : Ascii;
}
