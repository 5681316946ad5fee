using System.Net.Sockets;
using OverlayImg.Sandbox.Programs;

namespace OverlayImg.Sandbox.Ports;

/// <summary>The host's side of the log port: the unchanged output of the scripts, and the input of an interactive shell.</summary>
internal sealed class LogPort(Socket socket) : IDisposable
{
    private const int TailCapacity = 16 << 10;

    private long _received;
    private long _forwarded;

    /// <summary>The last output of the scripts.</summary>
    public TailBuffer Tail { get; } = new(TailCapacity);

    /// <summary>Copies the output to <paramref name="destination"/> as it arrives, until QEMU has ended.</summary>
    public async Task CopyToAsync(Stream destination, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 << 10];
        while (await ReceiveAsync(buffer, cancellationToken) is > 0 and var count)
        {
            Interlocked.Add(ref _received, count);
            Tail.Append(buffer.AsSpan(0, count));
            await destination.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            await destination.FlushAsync(cancellationToken);
            Interlocked.Add(ref _forwarded, count);
        }
    }

    /// <summary>Sends input to the interactive shell. An error shows only at the next line of the control port.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        try
        {
            while (input.Length > 0) input = input[await socket.SendAsync(input, cancellationToken)..];
        }
        catch (SocketException)
        {
            // QEMU has ended. The control port reports that, too, and its reader finds the cause.
            return;
        }
    }

    /// <summary>
    /// Waits until all output that the guest has written so far is copied. While the host reads slowly, QEMU leaves output in the guest's queue, and
    /// that output is lost when QEMU ends. So the method alternates between waiting for the copying and <paramref name="roundTrip"/>, until neither
    /// brings new output.
    /// </summary>
    /// <param name="copying">The task of <see cref="CopyToAsync"/>. When it has ended, the method returns.</param>
    /// <param name="roundTrip">Makes QEMU's main loop run once, which refills the socket.</param>
    public async Task DrainAsync(Task copying, Func<Task> roundTrip, CancellationToken cancellationToken)
    {
        // Two quiet rounds are needed: output that has left the socket but is not counted yet is invisible to one round.
        for (var quiet = 0; quiet < 2 && !copying.IsCompleted;)
        {
            var before = Interlocked.Read(ref _received);
            await roundTrip();
            while (!copying.IsCompleted && (socket.Available > 0 || Interlocked.Read(ref _forwarded) != Interlocked.Read(ref _received)))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), cancellationToken);
            }

            quiet = Interlocked.Read(ref _received) == before ? quiet + 1 : 0;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    private async Task<int> ReceiveAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await socket.ReceiveAsync(buffer, cancellationToken);
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
