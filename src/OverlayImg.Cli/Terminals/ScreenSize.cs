using System.Runtime.InteropServices;

namespace OverlayImg.Cli.Terminals;

/// <summary>The size of a terminal.</summary>
/// <param name="Columns">The number of columns, at least 1.</param>
/// <param name="Rows">The number of rows, at least 1.</param>
internal readonly partial record struct ScreenSize(int Columns, int Rows)
{
    private const int StandardError = 2;
    private static readonly ScreenSize Default = new(80, 24);

    /// <summary>
    /// The size of the terminal on stderr now. <see cref="Console.WindowWidth"/> is the size of another terminal, or none, if stdout is redirected.
    /// </summary>
    public static ScreenSize OfStandardError()
    {
        // TIOCGWINSZ of asm-generic/ioctls.h. Terminals on serial lines report 0 columns.
        const nuint GetWindowSize = 0x5413;
        Span<ushort> size = stackalloc ushort[4];
        if (Control(StandardError, GetWindowSize, size) != 0) return Default;
        var (rows, columns) = (size[0], size[1]);
        return new(columns > 0 ? columns : Default.Columns, rows > 0 ? rows : Default.Rows);
    }

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Control(int descriptor, nuint request, Span<ushort> size);
}
