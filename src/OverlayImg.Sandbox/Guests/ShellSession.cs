using System.Globalization;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Sandbox.Machines;

namespace OverlayImg.Sandbox.Guests;

/// <summary>
/// Connects the user's terminal and the interactive shell of a job while the shell runs. Disposing takes the terminal back, whatever has happened.
/// </summary>
/// <param name="shell">The shell.</param>
/// <param name="life">The guest.</param>
/// <param name="log">Receives the output of other scripts, after the shell has ended.</param>
/// <param name="stopping">Is cancelled if the terminal fails. The job then ends.</param>
internal sealed class ShellSession(JobShell shell, GuestLife life, Stream log, CancellationTokenSource stopping) : IAsyncDisposable
{
    // When a terminal is closed, its end shows a moment before the signal that explains it.
    private static readonly TimeSpan SignalDelay = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _ending = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
    private Task _connection = Task.CompletedTask;
    private Exception? _failure;
    private bool _hasBegun;
    private volatile bool _hasEnded;

    /// <summary>Passes the output of the shell to the terminal, and the output of later scripts to the log.</summary>
    public Stream Output => new OutputStream(this);

    /// <summary>The reason why the terminal failed; null if it did not.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    /// <summary>Begins to pass the user's input and the window's size to the guest. The shell starts now.</summary>
    /// <exception cref="InvalidDataException">The guest starts a second shell.</exception>
    public void Begin()
    {
        if (_hasBegun) throw new InvalidDataException("a second shell");
        _hasBegun = true;
        shell.Terminal.Open();
        _connection = Task.WhenAll(StoppingAsync(PassInputAsync), StoppingAsync(PassSizesAsync));
    }

    /// <summary>Takes the terminal back when all output is shown, asks the user if the shell failed, and tells the guest the answer.</summary>
    /// <param name="end">How the shell ended.</param>
    /// <param name="commands">The commands that were typed.</param>
    /// <param name="copying">The task that copies the guest's output.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    /// <exception cref="InvalidDataException">No shell was running.</exception>
    public async Task EndAsync(ShellEnd end, ReadOnlyMemory<byte> commands, Task copying, CancellationToken cancellationToken)
    {
        if (!_hasBegun || _hasEnded) throw new InvalidDataException("the end of a shell that was not running");
        await DisconnectAsync();
        await life.DrainLogAsync(copying, cancellationToken);
        _hasEnded = true;
        shell.Terminal.Close(isComplete: true);
        shell.OnCommands?.Invoke(commands);
        var isDiscarded = end.Status != 0 && await shell.Terminal.AskToDiscardAsync(end, cancellationToken);
        await life.SendLineAsync(isDiscarded ? "DISCARD" : "KEEP", cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await DisconnectAsync();
        shell.Terminal.Close(isComplete: false);
        _ending.Dispose();
    }

    private async Task DisconnectAsync()
    {
        await _ending.CancelAsync();
        await _connection;
    }

    private async Task PassInputAsync(CancellationToken cancellationToken)
    {
        while (await shell.Terminal.ReadAsync(cancellationToken) is { Length: > 0 } typed) await life.SendInputAsync(typed, cancellationToken);
        await Task.Delay(SignalDelay, cancellationToken);
        throw new MachineException("The terminal was closed while the shell ran; nothing was written");
    }

    private async Task PassSizesAsync(CancellationToken cancellationToken)
    {
        // The window may have changed since the job got its size.
        for (var size = shell.Terminal.Size; ; size = await shell.Terminal.NextSizeAsync(cancellationToken))
            await life.SendLineAsync(string.Create(CultureInfo.InvariantCulture, $"WINDOW {size.Rows} {size.Columns}"), cancellationToken);
    }

    private async Task StoppingAsync(Func<CancellationToken, Task> pass)
    {
        try
        {
            await pass(_ending.Token);
        }
        catch (OperationCanceledException)
        {
            // The shell or the job has ended.
            return;
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref _failure, exception, null);
            await stopping.CancelAsync();
        }
    }

    private void Write(ReadOnlySpan<byte> output)
    {
        if (_hasEnded)
        {
            log.Write(output);
            return;
        }

        // The first output may arrive before the message that the shell starts.
        shell.Terminal.Open();
        shell.Terminal.Write(output);
    }

    private sealed class OutputStream(ShellSession session) : WriteOnlyStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => session.Write(buffer);
    }
}
