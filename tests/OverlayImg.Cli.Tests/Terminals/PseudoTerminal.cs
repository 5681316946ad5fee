using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using OverlayImg.Cli.Terminals;

namespace OverlayImg.Cli.Tests.Terminals;

/// <summary>A pseudoterminal: <see cref="Terminal"/> is the side of the tool, and the test is the user.</summary>
internal sealed partial class PseudoTerminal : IDisposable
{
    private const int ReadWrite = 2, NoControl = 0x100, CloseOnExec = 0x80000;

    private readonly SafeFileHandle _master;

    public PseudoTerminal()
    {
        _master = new(OpenMaster(ReadWrite | NoControl | CloseOnExec), ownsHandle: true);
        Assert.False(_master.IsInvalid);
        Assert.Equal(0, Unlock(_master));
        var name = new byte[64];
        Assert.Equal(0, NameOf(_master, name, name.Length));
        var path = Encoding.ASCII.GetString(name.AsSpan(0, name.AsSpan().IndexOf((byte)0)));
        Terminal = new(OpenFile(path, ReadWrite | NoControl | CloseOnExec), ownsHandle: true);
        Assert.False(Terminal.IsInvalid);
    }

    public SafeFileHandle Terminal { get; }

    /// <summary>The modes of the terminal, which can be compared.</summary>
    public string Modes
    {
        get
        {
            var modes = new byte[TerminalCalls.ModesLength];
            Assert.Equal(0, TerminalCalls.GetModes(Terminal, modes));
            return Convert.ToHexString(modes);
        }
    }

    /// <summary>Sets the size of the window.</summary>
    public void Resize(ushort rows, ushort columns)
    {
        // TIOCSWINSZ and the structure winsize of ioctl_tty(2).
        ushort[] size = [rows, columns, 0, 0];
        Assert.Equal(0, SetSize(_master, 0x5414, size));
    }

    public void Press(string keys)
    {
        var bytes = Encoding.UTF8.GetBytes(keys);
        Assert.Equal(bytes.Length, TerminalCalls.Write(_master, bytes, bytes.Length));
    }

    /// <summary>Reads what the terminal shows up to a text.</summary>
    public string ReadTo(string text)
    {
        var (shown, piece) = ("", new byte[1]);
        while (!shown.EndsWith(text, StringComparison.Ordinal))
        {
            Assert.Equal(1, TerminalCalls.Read(_master, piece, 1));
            shown += (char)piece[0];
        }

        return shown;
    }

    /// <summary>Closes the user's side, as a window that is closed.</summary>
    public void Disappear() => _master.Dispose();

    public void Dispose()
    {
        _master.Dispose();
        Terminal.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "posix_openpt")]
    private static partial int OpenMaster(int flags);

    [LibraryImport("libc", EntryPoint = "unlockpt")]
    private static partial int Unlock(SafeFileHandle master);

    [LibraryImport("libc", EntryPoint = "ptsname_r")]
    private static partial int NameOf(SafeFileHandle master, Span<byte> name, nint length);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int SetSize(SafeFileHandle terminal, nuint request, ReadOnlySpan<ushort> size);
}
