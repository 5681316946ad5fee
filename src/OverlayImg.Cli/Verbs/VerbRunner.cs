using System.CommandLine;
using OverlayImg.Builders;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;

namespace OverlayImg.Cli.Verbs;

/// <summary>The part that all verbs share: the work, then its result for people or as JSON. Failures are the session's.</summary>
internal static class VerbRunner
{
    /// <summary>Makes <paramref name="work"/> the command's action and prints its result by <paramref name="render"/>.</summary>
    public static void Attach<T>(Command command, Rendering<T> render, Func<ParseResult, Reporter, CancellationToken, Task<T>> work) =>
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var session = Session.Current;
            var result = await work(parsed, session.Reporter, cancellationToken);
            session.Reporter.Finish();
            if (session.PrintsJson)
            {
                JsonOutput.Print(writer => render.Json(writer, result, session.Reporter.Warnings));
            }
            else
            {
                await render.Text(result, session.Reporter);
                if (result is IScriptedResult { Run: { } run }) SlowScriptAdvice.Show(run, CommonOptions.CacheDirectoryOf(parsed), session.Reporter);
            }

            return render.ExitCode(result);
        });
}
