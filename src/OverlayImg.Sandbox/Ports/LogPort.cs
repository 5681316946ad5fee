using System.Net.Sockets;
using OverlayImg.Sandbox.Programs;

namespace OverlayImg.Sandbox.Ports;

/// <summary>The port on which the output of the scripts comes, as it is.</summary>
internal sealed class LogPort(Socket socket) : IDisposable
{
    private const int TailCapacity = 16 << 10;

    private long _received;
    private long _forwarded;

    /// <summary>The end of the output.</summary>
    public TailBuffer Tail { get; } = new(TailCapacity);

    /// <summary>Copies the output to <paramref name="destination"/> while it comes, until QEMU has gone.</summary>
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

    /// <summary>
    /// Waits until all that the guest has written so far is copied. While the reader is slow, QEMU keeps output in the guest's queue, and
    /// a QEMU that ends takes it along; so output and QEMU's main loop (<paramref name="roundTrip"/>) are asked in turn until neither has more.
    /// </summary>
    /// <param name="copying">The copying; when it ends there is nothing to wait for.</param>
    /// <param name="roundTrip">Lets QEMU's main loop go round, in which it refills the socket.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task DrainAsync(Task copying, Func<Task> roundTrip, CancellationToken cancellationToken)
    {
        // Twice, because what is on its way from the socket to the counter is seen by neither.
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
