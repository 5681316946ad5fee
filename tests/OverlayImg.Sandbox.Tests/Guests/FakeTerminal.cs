using System.Text;
using System.Threading.Channels;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Sandbox.Tests.Guests;

/// <summary>A terminal whose user is a test.</summary>
internal sealed class FakeTerminal(bool discards = false) : IShellTerminal
{
    private readonly Channel<byte[]> _typed = Channel.CreateUnbounded<byte[]>();
    private readonly Channel<TerminalSize> _sizes = Channel.CreateUnbounded<TerminalSize>();
    private readonly StringBuilder _shown = new();
    private readonly Channel<bool> _changed = Channel.CreateUnbounded<bool>();
    private int _read;

    /// <summary>"open", and after the shell "complete" or "broken".</summary>
    public List<string> States { get; } = [];

    /// <summary>How the shell ended, if the user was asked.</summary>
    public ShellEnd? Asked { get; private set; }

    /// <summary>Everything that the terminal showed.</summary>
    public string Shown
    {
        get
        {
            lock (_shown) return _shown.ToString();
        }
    }

    public string Type => "xterm";

    public TerminalSize Size { get; private set; } = new(30, 100);

    public void Open()
    {
        lock (States) if (States.Count == 0) States.Add("open");
    }

    public void Close(bool isComplete)
    {
        lock (States) if (States is ["open"]) States.Add(isComplete ? "complete" : "broken");
    }

    public async Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _typed.Reader.ReadAsync(cancellationToken);
        }
        catch (ChannelClosedException)
        {
            return default;
        }
    }

    public void Write(ReadOnlySpan<byte> output)
    {
        lock (_shown) _shown.Append(Encoding.UTF8.GetString(output));
        _changed.Writer.TryWrite(true);
    }

    public async Task<TerminalSize> NextSizeAsync(CancellationToken cancellationToken) => await _sizes.Reader.ReadAsync(cancellationToken);

    public Task<bool> AskToDiscardAsync(ShellEnd outcome, CancellationToken cancellationToken)
    {
        Asked = outcome;
        return Task.FromResult(discards);
    }

    /// <summary>Changes the size of the window.</summary>
    public void Resize(int rows, int columns)
    {
        Size = new(rows, columns);
        _sizes.Writer.TryWrite(Size);
    }

    /// <summary>Presses keys; Enter is a carriage return.</summary>
    public void Press(string keys) => _typed.Writer.TryWrite(Encoding.UTF8.GetBytes(keys));

    /// <summary>Closes the window.</summary>
    public void Disappear() => _typed.Writer.Complete();

    /// <summary>
    /// Waits until the terminal shows the text, after what was expected before. Fails after a minute, with what the terminal shows.
    /// </summary>
    public async Task ExpectAsync(string text, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ending.CancelAfter(TimeSpan.FromMinutes(1));
        int found;
        try
        {
            while ((found = Shown.IndexOf(text, _read, StringComparison.Ordinal)) < 0) await _changed.Reader.ReadAsync(ending.Token);
        }
        catch (OperationCanceledException exception)
        {
            throw new InvalidOperationException($"The terminal does not show '{text}' after {_read} characters: {Shown}", exception);
        }

        _read = found + text.Length;
    }
}
