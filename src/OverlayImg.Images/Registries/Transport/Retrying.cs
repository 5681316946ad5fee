using System.Globalization;
using System.Net;
using OverlayImg.Images.Registries.Options;

namespace OverlayImg.Images.Registries.Transport;

/// <summary>Retries transient failures a limited number of times, with exponential delays or the server's <c>Retry-After</c>.</summary>
internal sealed class Retrying(RegistryOptions options)
{
    /// <summary>Sends a request until its response is not transient. Each attempt calls <paramref name="sendAsync"/>.</summary>
    /// <returns>The response; the last one if the responses to all attempts were transient.</returns>
    /// <exception cref="LostConnectionException">The last attempt lost its connection.</exception>
    public Task<RegistryResponse> SendAsync(Func<Task<RegistryResponse>> sendAsync, CancellationToken cancellationToken) =>
        SendAsync(sendAsync, Task.FromResult, cancellationToken);

    /// <summary>
    /// Sends a request until its response is not transient and its body is read. An attempt includes both.
    /// <paramref name="readAsync"/> reads and disposes of the response.
    /// </summary>
    /// <exception cref="LostConnectionException">The last attempt lost its connection.</exception>
    public async Task<T> SendAsync<T>(
        Func<Task<RegistryResponse>> sendAsync, Func<RegistryResponse, Task<T>> readAsync, CancellationToken cancellationToken)
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
                // The next attempt uses a new connection.
            }

            await PauseAsync(attempt, wanted, cancellationToken);
        }
    }

    /// <summary>Returns the delay that a response requests by <c>Retry-After</c>; null if the response requests none.</summary>
    public TimeSpan? WaitOf(RegistryResponse response) => RetryAfter(response.Header("Retry-After"), options.Environment.Clock.GetUtcNow());

    /// <summary>
    /// Converts a refusal in the middle of a transfer to <see cref="LostConnectionException"/> if it is transient and
    /// the server requests no delay beyond the limit. Other refusals are returned unchanged.
    /// </summary>
    public OverlayImgException LostWhere(bool isTransient, OverlayImgException refusal, RegistryResponse response)
    {
        var wait = WaitOf(response);
        return isTransient && !(wait > options.Limits.LongestDelay)
            ? new LostConnectionException(refusal.Message, refusal) { Advice = refusal.Advice, Wait = wait } : refusal;
    }

    /// <summary>
    /// Waits after the <paramref name="attempt"/>th attempt, counted from 1. The delay is <paramref name="wanted"/>,
    /// else an exponential delay with random jitter, so that clients do not retry at the same moment.
    /// </summary>
    public Task PauseAsync(int attempt, TimeSpan? wanted, CancellationToken cancellationToken)
    {
        if (wanted > TimeSpan.Zero) return options.Environment.DelayAsync(wanted.Value, cancellationToken);
        var delay = options.Limits.FirstDelay * Math.Pow(2, attempt - 1) * (0.75 + (Random.Shared.NextDouble() / 2));
        return options.Environment.DelayAsync(delay < options.Limits.LongestDelay ? delay : options.Limits.LongestDelay, cancellationToken);
    }

    /// <summary>Whether the same request may succeed later, by the response's status.</summary>
    public static bool IsTransient(HttpStatusCode status) => (int)status is 408 or 429 or 500 or 502 or 503 or 504;

    /// <summary>Parses <c>Retry-After</c>, seconds or a date (RFC 9110, 10.2.3); null if the header is missing or invalid.</summary>
    internal static TimeSpan? RetryAfter(string? header, DateTimeOffset now)
    {
        if (int.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return TimeSpan.FromSeconds(seconds);
        return DateTimeOffset.TryParseExact(header, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? date - now : null;
    }
}
