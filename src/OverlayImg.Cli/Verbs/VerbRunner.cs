using System.CommandLine;
using OverlayImg.Builders;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;

namespace OverlayImg.Cli.Verbs;

/// <summary>What every verb does around its work: reporting, errors in one voice, exit codes, <c>--json</c>.</summary>
internal static class VerbRunner
{
    /// <summary>Makes <paramref name="work"/> the command's action and prints its result by <paramref name="render"/>.</summary>
    public static void Attach<T>(Command command, Rendering<T> render, Func<ParseResult, Reporter, CancellationToken, Task<T>> work) =>
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var reporter = Reporter.Create(parsed.GetValue(CommonOptions.Quiet), parsed.GetValue(CommonOptions.Verbose));
            var json = parsed.GetValue(CommonOptions.Json);
            try
            {
                var result = await work(parsed, reporter, cancellationToken);
                reporter.Finish();
                if (json) await JsonOutput.PrintAsync(writer => render.Json(writer, result, reporter.Warnings), cancellationToken);
                else await render.Text(result, reporter);
                if (!json && result is IScriptedResult { Run: { } run }) SlowScriptAdvice.Show(run, CommonOptions.CacheDirectoryOf(parsed), reporter);
                return render.ExitCode(result);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                reporter.Error("Interrupted; nothing was written.");
                return ExitCodes.Interrupted;
            }
            catch (UsageException exception)
            {
                reporter.Error(exception.Message);
                return ExitCodes.Usage;
            }
            catch (ClosedPipeException)
            {
                return ExitCodes.ClosedPipe;
            }
            catch (OverlayImgException exception)
            {
                reporter.Error(exception);
                if (json) await JsonOutput.PrintAsync(writer => ErrorJson.Write(writer, exception, reporter.Warnings), CancellationToken.None);
                return ExitCodes.Of(exception);
            }
        });
}
