using System.Globalization;
using System.Net;
using OverlayImg.Images.Registries.Options;

namespace OverlayImg.Images.Registries.Transport;

/// <summary>Asks again where that may help: a few times, ever later, and not before the server wants it.</summary>
internal sealed class Retrying(RegistryOptions options)
{
    /// <summary>Sends a request until there is an answer that another try would not change.</summary>
    /// <param name="sendAsync">Sends it once.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The answer; the last one where every one was transient.</returns>
    public Task<RegistryResponse> SendAsync(Func<Task<RegistryResponse>> sendAsync, CancellationToken cancellationToken) =>
        SendAsync(sendAsync, Task.FromResult, cancellationToken);

    /// <summary>Sends a request until there is an answer that another try would not change, and whose body came whole; both count as one.</summary>
    /// <param name="sendAsync">Sends it once.</param>
    /// <param name="readAsync">Reads what the answer is about, and disposes of it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="LostConnectionException">Every try was in vain.</exception>
    public async Task<T> SendAsync<T>(Func<Task<RegistryResponse>> sendAsync, Func<RegistryResponse, Task<T>> readAsync, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            TimeSpan? wanted = null;
            try
            {
                var response = await sendAsync();
                if (!IsTransient(response.Status) || attempt >= options.Limits.Tries) return await readAsync(response);
                wanted = WaitOf(response);
                if (wanted > options.Limits.LongestDelay) return await readAsync(response);
                response.Dispose();
            }
            catch (LostConnectionException) when (attempt < options.Limits.Tries)
            {
                // Another connection may do better.
            }

            await PauseAsync(attempt, wanted, cancellationToken);
        }
    }

    /// <summary>How long a server wants not to be asked; null where it does not say.</summary>
    public TimeSpan? WaitOf(RegistryResponse response) => RetryAfter(response.Header("Retry-After"), options.Environment.Clock.GetUtcNow());

    /// <summary>A refusal in the middle of a transfer: a lost connection where another try may help, and the server does not want us to wait for too long.</summary>
    public OverlayImgException LostWhere(bool mayPass, OverlayImgException refusal, RegistryResponse response)
    {
        var wait = WaitOf(response);
        return mayPass && !(wait > options.Limits.LongestDelay) ? new LostConnectionException(refusal.Message, refusal) { Advice = refusal.Advice, Wait = wait } : refusal;
    }

    /// <summary>
    /// Waits before the try after the <paramref name="attempt"/>th: as long as the server wants, else for a time that differs a little from client to client.
    /// </summary>
    public Task PauseAsync(int attempt, TimeSpan? wanted, CancellationToken cancellationToken)
    {
        if (wanted > TimeSpan.Zero) return options.Environment.DelayAsync(wanted.Value, cancellationToken);
        var delay = options.Limits.FirstDelay * Math.Pow(2, attempt - 1) * (0.75 + (Random.Shared.NextDouble() / 2));
        return options.Environment.DelayAsync(delay < options.Limits.LongestDelay ? delay : options.Limits.LongestDelay, cancellationToken);
    }

    /// <summary>Whether the same request may succeed later.</summary>
    public static bool IsTransient(HttpStatusCode status) => (int)status is 408 or 429 or 500 or 502 or 503 or 504;

    /// <summary>What <c>Retry-After</c> says, in seconds or as a date (RFC 9110, 10.2.3); null where it says nothing.</summary>
    internal static TimeSpan? RetryAfter(string? header, DateTimeOffset now)
    {
        if (int.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return TimeSpan.FromSeconds(seconds);
        return DateTimeOffset.TryParseExact(header, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date - now : null;
    }
}
