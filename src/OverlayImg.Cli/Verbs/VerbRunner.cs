using System.CommandLine;
using OverlayImg.Builders.LayerDirectories;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Cli.Verbs;

/// <summary>The part that all verbs share: the work in a session of its own, then its result for people or as JSON. Failures are the invocation's.</summary>
internal static class VerbRunner
{
    /// <summary>Makes <paramref name="work"/> the command's action and prints its result by <paramref name="render"/>.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="render">Shows the result.</param>
    /// <param name="work">What the verb does. All that its session owns is closed before the result is shown.</param>
    /// <param name="onlyReads">Whether the verb works without a cache, where the cache can't be used.</param>
    public static void Attach<T>(Command command, Rendering<T> render, Func<ParseResult, Session, Task<T>> work, bool onlyReads = false) =>
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var invocation = Invocation.Current;
            T result;
            using (var lifetime = new Lifetime())
            {
                var session = new Session(
                    lifetime, () => onlyReads ? CommonOptions.ReadersCacheOf(parsed, lifetime) : CommonOptions.CacheOf(parsed), invocation.Reporter, cancellationToken);
                result = await work(parsed, session);
            }

            invocation.Reporter.Finish();
            if (invocation.PrintsJson)
            {
                JsonOutput.Print(writer => render.Json(writer, result, invocation.Reporter.Warnings));
            }
            else
            {
                await render.Text(result, invocation.Reporter);
                if (result is IScriptedResult { Run: { } run }) SlowScriptAdvice.Show(run, CommonOptions.CacheOf(parsed), invocation.Reporter);
            }

            return render.ExitCode(result);
        });
}
