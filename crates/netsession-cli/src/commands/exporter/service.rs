//! `--service`: under the service manager of Windows, which has no signals and no stderr.

use std::ffi::OsString;
use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use netsession_exporter::{ServiceRequest, StartError, run_service};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tracing::error;
use windows_service::define_windows_service;
use windows_service::service::{
    ServiceControl, ServiceControlAccept, ServiceExitCode, ServiceState, ServiceStatus, ServiceType,
};
use windows_service::service_control_handler::{self, ServiceControlHandlerResult, ServiceStatusHandle};
use windows_service::service_dispatcher;

use super::preparation::{ExporterArgs, Prepared, cannot_start, prepare, start_log};
use crate::output::error_line;
use crate::process::{Exit, say};

/// The service manager does not look at the name of a service that has a process of its own.
const NAME: &str = "netsession-exporter";
/// How long a start may take: a program for a password has two minutes.
const START: Duration = Duration::from_secs(150);
/// How long a stop may take: running probes have 5 s, and then what is recorded up to 10 s.
const STOP: Duration = Duration::from_secs(20);

/// What the command line said: the service manager calls a function without it.
static ARGS: OnceLock<ExporterArgs> = OnceLock::new();
/// How the service has ended.
static EXIT: Mutex<Exit> = Mutex::new(Exit::Success);

define_windows_service!(service_entry, service_main);

/// Hands the process to the service manager, until the service has stopped.
pub(super) fn run(args: ExporterArgs, err: &mut dyn Write) -> Exit {
    // There is one command in a process.
    let _ = ARGS.set(args);
    match service_dispatcher::start(NAME, service_entry) {
        Ok(()) => *EXIT.lock().unwrap_or_else(PoisonError::into_inner),
        Err(error) => {
            let text = format!(
                "the service manager of Windows did not start this process: register it with sc create, and leave out \
                 --service to run it from here ({error})"
            );
            say(err, &error_line(&text));
            Exit::Usage
        }
    }
}

/// On a thread of the service manager.
fn service_main(_: Vec<OsString>) {
    let (sender, requests) = unbounded_channel();
    let to_manager = Arc::new(OnceLock::new());
    let of_handler = Arc::clone(&to_manager);
    let handler = move |control| handle(&sender, of_handler.get().copied(), &control);
    let Ok(manager) = service_control_handler::register(NAME, handler) else { return };
    // There is no request before the service is running, so that the handler has it in time.
    let _ = to_manager.set(manager);
    let Some(args) = ARGS.get() else { return };
    tell(manager, ServiceState::StartPending, Exit::Success);
    let exit = match start_log(args).map_err(|error| (error, Exit::Usage)).and_then(|()| prepare(args)) {
        Err((error, exit)) => {
            error!("{error:#}");
            exit
        }
        Ok(Prepared { runtime, settings, reload }) => {
            let is_serving = || tell(manager, ServiceState::Running, Exit::Success);
            let served = args.listen.resolve().map_err(StartError::Listen).and_then(|addresses| {
                runtime.block_on(run_service(&addresses, settings, reload, requests, is_serving))
            });
            // A resolver or a program for a password may be stuck: its thread is left behind.
            runtime.shutdown_background();
            match served {
                Ok(()) => Exit::Success,
                Err(error) => {
                    error!("{:#}", cannot_start(args, error));
                    Exit::Failure
                }
            }
        }
    };
    *EXIT.lock().unwrap_or_else(PoisonError::into_inner) = exit;
    tell(manager, ServiceState::Stopped, exit);
}

fn handle(
    requests: &UnboundedSender<ServiceRequest>,
    manager: Option<ServiceStatusHandle>,
    control: &ServiceControl,
) -> ServiceControlHandlerResult {
    let request = match control {
        ServiceControl::Interrogate => return ServiceControlHandlerResult::NoError,
        ServiceControl::Stop | ServiceControl::Shutdown => ServiceRequest::Stop,
        ServiceControl::ParamChange => ServiceRequest::Reload,
        _ => return ServiceControlHandlerResult::NotImplemented,
    };
    // `net stop` and services.msc give up on a service that is still running after it took the request. Before the request
    // is sent: the service must not have stopped by then.
    if let (ServiceRequest::Stop, Some(manager)) = (request, manager) {
        tell(manager, ServiceState::StopPending, Exit::Success);
    }
    // Fails only if the service has ended by itself.
    let _ = requests.send(request);
    ServiceControlHandlerResult::NoError
}

/// Reports the state of the service. One that ends with another code than 0 is an error in the event log of the system.
fn tell(manager: ServiceStatusHandle, state: ServiceState, exit: Exit) {
    let accepted =
        ServiceControlAccept::STOP | ServiceControlAccept::SHUTDOWN | ServiceControlAccept::PARAM_CHANGE;
    let exit_code = match exit.code() {
        0 => ServiceExitCode::Win32(0),
        code => ServiceExitCode::ServiceSpecific(code.into()),
    };
    let status = ServiceStatus {
        service_type: ServiceType::OWN_PROCESS,
        current_state: state,
        controls_accepted: if state == ServiceState::Running {
            accepted
        } else {
            ServiceControlAccept::empty()
        },
        exit_code,
        checkpoint: 0,
        wait_hint: match state {
            ServiceState::StartPending => START,
            ServiceState::StopPending => STOP,
            _ => Duration::ZERO,
        },
        process_id: None,
    };
    // The manager is gone only when the system ends.
    let _ = manager.set_service_status(status);
}
